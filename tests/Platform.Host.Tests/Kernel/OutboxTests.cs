using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Jobs;
using Platform.Testing;

namespace Platform.Host.Tests.Kernel;

/// <summary>Events are delivered at least once and change things once, in order per aggregate, whatever fails in between.</summary>
public sealed class OutboxTests : PlatformTest
{
    private const string Fault =
        """
        create or replace function platform.fail_delivery() returns trigger language plpgsql as
          $$ begin raise exception 'planted fault'; end $$;
        create trigger planted_fault before insert on platform.outbox_deliveries for each row execute function platform.fail_delivery()
        """;

    [TearDown]
    public Task RemoveFaultAsync() => Application.ScalarAsync<object>("drop function if exists platform.fail_delivery cascade");

    [Test]
    public async Task A_failed_reaction_changes_nothing_and_is_repeated()
    {
        var (_, widget) = await DeleteConnectorOfWidgetAsync();
        await Application.ScalarAsync<object>(Fault);

        await Application.DeliverEventsAsync();

        Assert.That(await ConnectorOfAsync(widget), Is.Not.Null);
        Assert.That(await CountAsync("status = 'queued' and attempts = 1 and available_at > now()"), Is.EqualTo(1));

        await RemoveFaultAsync();
        await Application.ScalarAsync<object>("update platform.outbox set available_at = now()");
        await Application.DeliverEventsAsync();

        Assert.That(await ConnectorOfAsync(widget), Is.Null);
        Assert.That(await CountAsync("status = 'dispatched'"), Is.EqualTo(await CountAsync("true")));
    }

    [Test]
    public async Task A_repeat_after_a_death_before_the_end_changes_nothing()
    {
        var (connector, widget) = await DeleteConnectorOfWidgetAsync();
        await Application.DeliverEventsAsync();
        await Application.ScalarAsync<object>("update platform.outbox set status = 'queued'");
        await Application.ScalarAsync<object>("update dashboards.widgets set connector_id = $1 where id = $2", connector, widget);

        await Application.DeliverEventsAsync();

        Assert.That(await ConnectorOfAsync(widget), Is.EqualTo(connector), "The reaction ran a second time.");
        Assert.That(await CountAsync("status = 'dispatched'"), Is.EqualTo(await CountAsync("true")));
    }

    [Test]
    public async Task An_aggregates_events_wait_for_the_older_one()
    {
        await DeleteConnectorOfWidgetAsync();
        await Application.ScalarAsync<object>(
            """
            insert into platform.outbox (id, name, aggregate_id, user_id, payload, occurred_at)
            select gen_random_uuid(), name, aggregate_id, user_id, payload, now() from platform.outbox where name like 'connectors.connector-deleted%'
            """);
        await Application.ScalarAsync<object>(Fault);

        await Application.DeliverEventsAsync();
        await RemoveFaultAsync();
        await Application.DeliverEventsAsync();

        Assert.That(await CountAsync("attempts = 0 and status = 'queued' and name like 'connectors.connector-deleted%'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Two_nodes_with_the_same_event_apply_it_once()
    {
        var (_, widget) = await DeleteConnectorOfWidgetAsync();
        var worker = Worker();
        var stale = (await worker.ClaimAsync(1, CancellationToken.None)).Single();
        await Application.ScalarAsync<object>("update platform.outbox set lease_until = now() - interval '1 second' where id = $1", stale.Id);
        var fresh = (await worker.ClaimAsync(1, CancellationToken.None)).Single();
        Assert.That(fresh.Id, Is.EqualTo(stale.Id));

        await Task.WhenAll(worker.WorkAsync(stale, CancellationToken.None), worker.WorkAsync(fresh, CancellationToken.None));

        Assert.That(await ConnectorOfAsync(widget), Is.Null);
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) - count(distinct handler) from platform.outbox_deliveries where event_id = $1", stale.Id),
            Is.Zero);
        Assert.That(await Application.ScalarAsync<string>("select status from platform.outbox where id = $1", stale.Id), Is.EqualTo("dispatched"));
    }

    [Test]
    public async Task Who_has_lost_its_lease_cannot_end_the_row()
    {
        await DeleteConnectorOfWidgetAsync();
        var worker = Worker();
        var stale = (await worker.ClaimAsync(1, CancellationToken.None)).Single();
        await Application.ScalarAsync<object>("update platform.outbox set fence = fence + 1 where id = $1", stale.Id);

        await worker.WorkAsync(stale, CancellationToken.None);

        Assert.That(await worker.RenewAsync([stale], CancellationToken.None), Is.Empty);
        Assert.That(await Application.ScalarAsync<string>("select status from platform.outbox where id = $1", stale.Id), Is.EqualTo("queued"));
    }

    private static PumpWorker Worker() =>
        Application.Services.GetRequiredService<JobServer>()
            .WorkerOf(Application.Services.GetServices<IPump>().Single(pump => pump.Queue == "events"));

    private static async Task<Guid?> ConnectorOfAsync(Guid widget) =>
        await Application.ScalarAsync<Guid>("select connector_id from dashboards.widgets where id = $1", widget) is var id && id != Guid.Empty ? id : null;

    private static Task<long> CountAsync(string condition) => Application.ScalarAsync<long>($"select count(*) from platform.outbox where {condition}");

    private async Task<(Guid Connector, Guid Widget)> DeleteConnectorOfWidgetAsync()
    {
        var alice = await SignInAsync();
        var connector = (await PostAsync(alice.Client, "/api/v1/connectors", new
        {
            name = "Orders",
            type = "http",
            config = new { url = "http://127.0.0.1:9/orders" },
        })).GetProperty("id").GetGuid();
        var dashboard = (await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Board" })).GetProperty("id").GetGuid();
        var widget = (await PostAsync(alice.Client, $"/api/v1/dashboards/{dashboard}/widgets", new
        {
            type = "table",
            connector_id = connector,
            data_query = new { query = "select * from data", source = "live" },
        })).GetProperty("id").GetGuid();
        await Application.DeliverEventsAsync();
        await Application.ScalarAsync<object>("truncate platform.outbox cascade");
        using var deleted = await alice.Client.DeleteAsync(new Uri($"/api/v1/connectors/{connector}", UriKind.Relative));
        Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent), await deleted.Content.ReadAsStringAsync());
        return (connector, widget);
    }
}
