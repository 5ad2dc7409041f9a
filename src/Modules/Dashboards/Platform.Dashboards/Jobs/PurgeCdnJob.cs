using System.Net.Http.Json;
using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Platform.Dashboards.Features.Sharing;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Egress;

namespace Platform.Dashboards.Jobs;

/// <summary>
/// Tells the CDN to forget public answers of boards that changed: one POST to <c>Dashboards:CdnPurgeUrl</c> with their surrogate keys, in
/// the header <c>Surrogate-Key</c> and as JSON. What the CDN does not take is told again.
/// </summary>
internal sealed class PurgeCdnJob(IServiceScopeFactory scopes, EgressClient egress, IOptions<DashboardsOptions> options)
{
    private const string Id = "dashboards:purge-cdn";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Runs it every ten seconds where there is a CDN to tell.</summary>
    public static void Schedule(IRecurringJobManager recurring, bool hasCdn)
    {
        if (hasCdn)
        {
            recurring.AddOrUpdate<PurgeCdnJob>(Id, "maintenance", job => job.RunAsync(CancellationToken.None), "*/10 * * * * *");
        }
        else
        {
            recurring.RemoveIfExists(Id);
        }
    }

    [Queue("maintenance")]
    [AutomaticRetry(Attempts = 0)]
    [DisableConcurrentExecution(timeoutInSeconds: 1)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        var purges = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ListPurgesQuery(), cancellationToken);
        if (purges.Count == 0)
        {
            return;
        }

        await TellAsync([.. purges.Select(purge => $"dashboard-{purge.DashboardId}")], cancellationToken);
        await using var ending = scopes.CreateAsyncScope();
        ending.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.System(Id);
        await ending.ServiceProvider.GetRequiredService<IMediator>().Send(new EndPurgesCommand(purges), cancellationToken);
    }

    private async Task TellAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.CdnPurgeUrl)
        {
            Content = JsonContent.Create(new Dictionary<string, object> { ["surrogate_keys"] = keys }),
        };
        request.Headers.TryAddWithoutValidation("Surrogate-Key", string.Join(' ', keys));
        if (options.Value.CdnPurgeToken is { Length: > 0 } token)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var response = await egress.SendAsync(request, timeout.Token);
        response.EnsureSuccessStatusCode();
    }
}
