using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Features.Keys;
using Platform.SharedKernel.Callers;

namespace Platform.Identity.Jobs;

/// <summary>Goes on with the rotation of the master key, if one runs: also with one that a killed node has begun.</summary>
internal sealed class RewrapKeysJob(IServiceScopeFactory scopes)
{
    private const string Id = "identity:rewrap-keys";

    public static void Schedule(IRecurringJobManager recurring) =>
        recurring.AddOrUpdate<RewrapKeysJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "*/5 * * * * *");

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        bool isMore;
        do
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
            isMore = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new RewrapKeysCommand(), cancellationToken);
        }
        while (isMore);
    }
}
