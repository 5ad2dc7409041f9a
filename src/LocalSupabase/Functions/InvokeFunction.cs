using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Platform.LocalSupabase.Functions.Workers;
using Platform.LocalSupabase.Tokens;
using Yarp.ReverseProxy.Forwarder;

namespace Platform.LocalSupabase.Functions;

/// <summary>One call: whoever may call it reaches the function's process, and the answer streams back.</summary>
internal sealed class InvokeFunction(
    LocalSupabaseOptions options, FunctionCatalog catalog, FunctionHost functions, IHttpForwarder forwarder, TokenVerifier verifier)
{
    // The function reads the client's host from the header; this one is never looked up.
    private const string Destination = "http://function";

    private static readonly TimeSpan TimeToLearnOfTheEnd = TimeSpan.FromSeconds(2);

    /// <exception cref="FunctionsException">The call is refused, or the function did not answer it.</exception>
    public async Task HandleAsync(string name, HttpContext context)
    {
        var source = catalog.Find(name) ?? throw FunctionsException.NoSuchFunction();
        if (source.VerifyJwt && !HttpMethods.IsOptions(context.Request.Method))
        {
            await FunctionCaller.RequireAsync(context.Request, verifier);
        }

        var supervisor = functions.SupervisorOf(name);
        var process = await supervisor.BeginCallAsync(source, functions.MakeRoom, context.RequestAborted);
        var answered = false;
        try
        {
            answered = await ForwardAsync(supervisor, process, context);
        }
        finally
        {
            process.EndCall(answered);
        }
    }

    /// <summary>True when the whole answer went out; false when the client left.</summary>
    private async Task<bool> ForwardAsync(FunctionSupervisor supervisor, FunctionProcess process, HttpContext context)
    {
        PrepareFor(context);
        var settings = options.Functions;
        using var clock = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        clock.CancelAfter(TimeSpan.FromSeconds(settings.WallClockSeconds));
        var path = context.Request.Path.Value!["/functions/v1".Length..];
        var error = await forwarder.SendAsync(
            context,
            Destination,
            process.Client,
            new ForwarderRequestConfig
            {
                ActivityTimeout = TimeSpan.FromSeconds(settings.IdleRequestSeconds),
                Version = HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            },
            new FunctionTransformer(path, process, settings.Region),
            clock.Token);
        if (error == ForwarderError.None)
        {
            supervisor.Succeeded();
            return true;
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }

        var failure = await ExplainAsync(error, supervisor, process, clock.IsCancellationRequested);
        if (context.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            context.Abort();
            return false;
        }

        throw failure;
    }

    /// <summary>Why the function did not answer. A process that let a call hang takes no others.</summary>
    private async Task<FunctionsException> ExplainAsync(
        ForwarderError error, FunctionSupervisor supervisor, FunctionProcess process, bool outOfTime)
    {
        if (outOfTime || error is ForwarderError.RequestTimedOut)
        {
            supervisor.Retire(process);
            return FunctionsException.TimedOut(outOfTime ? options.Functions.WallClockSeconds : options.Functions.IdleRequestSeconds);
        }

        if (error is ForwarderError.RequestBodyClient)
        {
            return new FunctionsException(
                StatusCodes.Status413PayloadTooLarge, "BODY_TOO_LARGE", "The body cannot be read, or is too large");
        }

        await Task.WhenAny(process.Exited, Task.Delay(TimeToLearnOfTheEnd));
        return process.End is FunctionEnd.OverMemory or FunctionEnd.OverCpu ? FunctionsException.OverLimit() : FunctionsException.Crashed();
    }

    private void PrepareFor(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bodySize)
        {
            bodySize.MaxRequestBodySize = options.Functions.MaxBodyBytes;
        }

        // A conversation may pause; how long is our own limit's business.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // An answer without a body is the function's, too.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }
    }
}
