using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Callers;
using Platform.Workflows.Retention;

namespace Platform.Workflows.Jobs;

/// <summary>Deletes executions that ended longer ago than their workflow keeps them, in batches, so that no lock is held for long.</summary>
internal sealed class DeleteOldExecutionsJob(IServiceScopeFactory scopes)
{
    private const string Id = "workflows:delete-old-executions";
    private const int WorkflowsAtOnce = 200;
    private const int ExecutionsAtOnce = 500;

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<DeleteOldExecutionsJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), Cron.Hourly(17));

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkflowRetention> some = [];
        do
        {
            var last = some.Count == 0 ? Guid.Empty : some[^1].WorkflowId;
            some = await SendAsync(new ListRetentionsQuery(last, WorkflowsAtOnce), cancellationToken);
            foreach (var workflow in some)
            {
                var batch = new DeleteOldExecutionsCommand(workflow.WorkflowId, workflow.Days, ExecutionsAtOnce);
                while (await SendAsync(batch, cancellationToken) == ExecutionsAtOnce)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
        while (some.Count == WorkflowsAtOnce);
    }

    private async Task<T> SendAsync<T>(IRequest<T> request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancellationToken);
    }
}
