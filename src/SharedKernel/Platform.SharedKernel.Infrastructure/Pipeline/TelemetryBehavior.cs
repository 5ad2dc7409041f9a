using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using MediatR;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.SharedKernel.Infrastructure.Pipeline;

/// <summary>A span and a duration for every message, named <c>dashboards.create_dashboard</c>.</summary>
internal sealed class TelemetryBehavior<TRequest, TResponse>(ModuleRegistry modules, TimeProvider clock) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    private static MessageTelemetry? _telemetry;

    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var telemetry = _telemetry ??= MessageTelemetry.For(typeof(TRequest), modules);
        using var activity = telemetry.Source.StartActivity(telemetry.Name);
        var started = clock.GetTimestamp();
        var outcome = "ok";
        try
        {
            return await next();
        }
        catch (Exception exception)
        {
            outcome = exception is PlatformException or FluentValidation.ValidationException ? "refused" : "failed";
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
        finally
        {
            PlatformMeter.Requests.Record(
                clock.GetElapsedTime(started).TotalMilliseconds,
                new KeyValuePair<string, object?>("request", telemetry.Name),
                new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}

/// <summary>The kernel's own instruments.</summary>
internal static class PlatformMeter
{
    public const string Name = "Platform.SharedKernel";

    private static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> Requests = Meter.CreateHistogram<double>("platform.requests", "ms", "Duration of a message.");

    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("platform.events.deliveries", "{delivery}", "Event deliveries.");

    public static readonly Counter<long> PumpItems = Meter.CreateCounter<long>("platform.pump.items", "{item}", "Rows that a pump has worked.");
}

internal sealed record MessageTelemetry(ActivitySource Source, string Name)
{
    public static MessageTelemetry For(Type type, ModuleRegistry modules)
    {
        var module = modules.OwnerOf(type).Name;
        var noun = type.Name;
        foreach (var suffix in new[] { "Command", "Query" })
        {
            noun = noun.EndsWith(suffix, StringComparison.Ordinal) ? noun[..^suffix.Length] : noun;
        }

        var schema = JsonNamingPolicy.SnakeCaseLower.ConvertName(module[(module.IndexOf('.', StringComparison.Ordinal) + 1)..]);
        return new MessageTelemetry(new ActivitySource(module), $"{schema}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(noun)}");
    }
}
