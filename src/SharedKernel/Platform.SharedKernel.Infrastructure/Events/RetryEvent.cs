using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Jobs;

namespace Platform.SharedKernel.Infrastructure.Events;

/// <summary>The queue of events for operators, and a second chance for those that were given up.</summary>
internal static class RetryEvent
{
    public static OperatorQueue Queue { get; } =
        new("events", "Events", "platform", [new OperatorAction("retry", "Deliver again", ["dead"], RunAsync)]);

    private static async Task RunAsync(IServiceProvider services, Guid id, CancellationToken cancellationToken)
    {
        var done = await services.GetRequiredService<KernelDatabase>().QueryAsync(
            services.GetRequiredService<ICurrentCaller>().Caller, "select platform.staff_retry_event(@id)",
            reader => reader.IsDBNull(0) ? (bool?)null : reader.GetBoolean(0), cancellationToken, new NpgsqlParameter<Guid>("id", id));
        switch (done[0])
        {
            case null:
                throw new NotFoundException("event_not_found", "There is no such event.");
            case false:
                throw new ConflictException("event_not_dead", "Only an event that was given up can be delivered again.");
        }
    }
}
