using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Storage.Resumable;

/// <summary>Clients of this protocol read the true status and plain text, unlike those of the rest of storage.</summary>
internal sealed class TusErrorFilter(StorageErrors errors) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers["Tus-Resumable"] = TusProtocol.Version;
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (!context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            var error = errors.Translate(exception);
            if (error.StatusCode == StatusCodes.Status412PreconditionFailed)
            {
                context.HttpContext.Response.Headers["Tus-Version"] = TusProtocol.Version;
            }

            return TypedResults.Text(error.Message, statusCode: error.StatusCode);
        }
    }
}
