using System.Text.Json;
using Platform.Testing;

namespace Platform.Host.Tests.Realtime;

/// <summary>A board's private channel: whoever sees the board hears that its data are new, and nobody else may join.</summary>
public sealed class BoardChannelTests : PlatformTest
{
    private static readonly object Private = new { @private = true };

    [Test]
    public async Task Who_sees_the_board_hears_that_its_dataset_is_new_and_nobody_else_joins()
    {
        var (alice, bob, mallory) = (await SignInAsync(), await SignInAsync(), await SignInAsync());
        var connector = (await PostAsync(alice.Client, "/api/v1/connectors", new { name = "Api", type = "http", config = new { url = "http://127.0.0.1:1" } }))
            .GetProperty("id").GetGuid();
        var board = (await PostAsync(alice.Client, "/api/v1/dashboards", new { name = "Sales" })).GetProperty("id").GetGuid();
        var widget = (await PostAsync(
            alice.Client, $"/api/v1/dashboards/{board}/widgets", new { type = "table", connector_id = connector, data_query = new { query = "/orders" } }))
            .GetProperty("id").GetGuid();
        await PostAsync(alice.Client, $"/api/v1/dashboards/{board}/grants", new { email = bob.Email, role = "view" });

        await using var friend = await ChannelSocket.JoinAsync(Application, bob.AccessToken, $"dashboard:{board}", Private);
        await friend.UntilAsync(frame => frame.Event == "phx_reply" && frame.Payload.GetProperty("status").GetString() == "ok");
        await using var intruder = await ChannelSocket.JoinAsync(Application, mallory.AccessToken, $"dashboard:{board}", Private);
        var refused = await intruder.UntilAsync(frame => frame.Event == "phx_reply");
        await SyncedAsync(connector, alice.Id);
        var heard = await friend.UntilAsync(frame => frame.Event == "broadcast");

        Assert.That(heard.Payload.GetProperty("event").GetString(), Is.EqualTo("data_changed"));
        Assert.That(heard.Payload.GetProperty("payload").GetProperty("widget_ids")[0].GetGuid(), Is.EqualTo(widget));
        Assert.That(refused.Payload.GetProperty("response").GetProperty("reason").GetString(), Does.StartWith("Unauthorized"));
        Assert.That(intruder.Seen(frame => frame.Event == "broadcast"), Is.Empty);
    }

    // As the end of a sync says it.
    private static async Task SyncedAsync(Guid connector, Guid owner)
    {
        await Application.ScalarAsync<object>(
            """
            insert into platform.outbox (id, name, aggregate_id, user_id, payload, occurred_at)
            values (gen_random_uuid(), 'connectors.connector-synced.v1', $1, $2, $3::jsonb, now())
            """,
            connector, owner, JsonSerializer.Serialize(new { connector_id = connector, sync_run_id = Guid.CreateVersion7(), user_id = owner, rows = 1 }));
        await Application.DeliverEventsAsync();
        await Application.RunJobsAsync();
    }
}
