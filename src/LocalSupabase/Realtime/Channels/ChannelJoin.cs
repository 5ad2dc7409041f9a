using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.LocalSupabase.Database;
using Platform.LocalSupabase.Realtime.Changes;
using Platform.LocalSupabase.Realtime.Topics;
using Platform.LocalSupabase.Realtime.Wire;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>Lets sockets into channels, and out again.</summary>
internal sealed class ChannelJoin(
    ChannelIdentities identities, ChannelAuthorizer authorizer, Rooms rooms, RelationCatalog catalog, ChangeDispatcher dispatcher, ChangeFeed feed,
    RealtimeDatabase database, TopicBroadcasts topics)
{
    private const int MaxReplayed = 25;

    public static string Unreadable(string name) => $"Unauthorized: You do not have permissions to read from this Channel topic: {name}";

    /// <summary>Checks a join: the channel, or why there is none.</summary>
    public async Task<(RealtimeChannel? Channel, string? Refusal)> PrepareAsync(
        RealtimeSocket socket, InboundMessage message, CancellationToken cancellationToken)
    {
        if (!message.Topic.StartsWith(RealtimeChannel.Prefix, StringComparison.Ordinal) || message.Topic.Length == RealtimeChannel.Prefix.Length)
        {
            return (null, "TopicNameRequired: You must provide a topic name");
        }

        var config = JoinConfig.Of(message.Payload);
        var token = config.AccessToken is { } given && !given.StartsWith("sb_", StringComparison.Ordinal) ? given : socket.Key;
        var result = await identities.ResolveAsync(token);
        if (result.Identity is not { } identity)
        {
            return (null, result.Refusal);
        }

        var name = message.Topic[RealtimeChannel.Prefix.Length..];
        var rights = config.IsPrivate ? await authorizer.ReadAsync(identity, name, cancellationToken) : ChannelRights.Public;
        if (!rights.MayJoin)
        {
            return (null, Unreadable(name));
        }

        if (config.Replay.ValueKind == JsonValueKind.Object && !config.IsPrivate)
        {
            return (null, "UnableToReplayMessages: Replay is not allowed for public channels");
        }

        return (new RealtimeChannel(socket, message.Topic, message.JoinRef, config, identity, rights), null);
    }

    /// <summary>Enters the room, answers, and attaches what the join asked for.</summary>
    public async Task CompleteAsync(RealtimeChannel channel, InboundMessage message, CancellationToken cancellationToken)
    {
        rooms.Join(channel);
        await topics.JoinAsync(channel, cancellationToken);
        var (entries, faults) = Subscribe(channel);
        channel.Reply(message.Ref, Payload.Ok(new JsonObject { ["postgres_changes"] = entries }));
        await ReplayAsync(channel, cancellationToken);
        if (channel.SeesPresence && channel.Rights.ReadsPresence)
        {
            PushPresence(channel, rooms.StateOf(channel.Room));
        }

        // The feed also carries the database's own broadcasts and other nodes' messages, so every channel wants it.
        _ = AttachAsync(channel, faults, cancellationToken);
    }

    public static void PushPresence(RealtimeChannel channel, JsonObject state) => channel.Push("presence_state", Payload.Of(state));

    public void Leave(RealtimeChannel channel)
    {
        dispatcher.Remove(channel);
        topics.Leave(channel);
        rooms.Leave(channel);
    }

    // Equal entries share a number; the answer repeats each entry exactly as it was sent.
    private static (JsonArray Entries, List<string> Faults) Subscribe(RealtimeChannel channel)
    {
        var (answered, faults) = (new JsonArray(), new List<string>());
        var subscriptions = new Dictionary<string, ChangeSubscription>(StringComparer.Ordinal);
        foreach (var entry in channel.Config.Changes)
        {
            var text = entry.GetRawText();
            var id = subscriptions.TryGetValue(text, out var same) ? same.Id : 0;
            if (id == 0)
            {
                id = (subscriptions.Count + faults.Count + 1) * 7919 % 100_000_007;
                var (subscription, fault) = ChangeSubscription.Parse(id, entry);
                if (subscription is null)
                {
                    faults.Add(fault!);
                }
                else
                {
                    subscriptions.Add(text, subscription);
                }
            }

            var answer = JsonObject.Create(entry)!;
            answer["id"] = id;
            answered.Add((JsonNode)answer);
        }

        channel.Subscriptions = [.. subscriptions.Values];
        return (answered, faults);
    }

    private async Task AttachAsync(RealtimeChannel channel, List<string> faults, CancellationToken cancellationToken)
    {
        try
        {
            var attached = feed.AttachedAsync(cancellationToken);
            if (channel.Config.Changes.Count == 0)
            {
                if (channel.Config.AnnounceReplication)
                {
                    await attached;
                    channel.PushSystem("system", "ok", "Replication connection established");
                }

                return;
            }

            foreach (var subscription in channel.Subscriptions)
            {
                if (await FaultOfAsync(channel, subscription, cancellationToken) is { } fault)
                {
                    faults.Add(fault);
                }
            }

            if (faults.Count > 0)
            {
                channel.Subscriptions = [];
                channel.PushSystem("postgres_changes", "error", $"Unable to subscribe to changes with given parameters. {string.Join("; ", faults)}");
                return;
            }

            await attached;
            dispatcher.Add(channel);
            channel.PushSystem("postgres_changes", "ok", "Subscribed to PostgreSQL");
        }
        catch (OperationCanceledException)
        {
            // The client has left in the meantime.
        }
        catch (Npgsql.NpgsqlException)
        {
            channel.PushSystem("postgres_changes", "error", "The database cannot be reached. Join again.");
        }
    }

    private async Task<string?> FaultOfAsync(RealtimeChannel channel, ChangeSubscription subscription, CancellationToken cancellationToken)
    {
        var relations = (await catalog.AllAsync(cancellationToken))
            .Where(relation => (subscription.Schema == "*" || relation.Schema == subscription.Schema)
                && (subscription.Table is null || relation.Name == subscription.Table))
            .ToList();
        var readable = new List<Relation>();
        foreach (var relation in relations)
        {
            var columns = await catalog.ReadableAsync(channel.Identity.Role, relation, cancellationToken);
            if (columns.Count > 0 && subscription.Filter.Columns.All(column => columns.Contains(column) || relation.Columns.All(known => known.Name != column)))
            {
                readable.Add(relation);
            }
        }

        return readable.Count == 0
            ? "Please check Realtime is enabled for the given connect parameters: "
                + $"[event: {subscription.Event}, schema: {subscription.Schema}, table: {subscription.Table ?? "*"}]"
            : readable.Select(subscription.Filter.FaultFor).FirstOrDefault(fault => fault is not null);
    }

    private async Task ReplayAsync(RealtimeChannel channel, CancellationToken cancellationToken)
    {
        var replay = channel.Config.Replay;
        if (replay.ValueKind != JsonValueKind.Object || !channel.Rights.ReadsBroadcast
            || JoinConfig.Member(replay, "since") is not { ValueKind: JsonValueKind.Number } since || !since.TryGetInt64(out var milliseconds))
        {
            return;
        }

        var limit = JoinConfig.Member(replay, "limit") is { ValueKind: JsonValueKind.Number } most && most.TryGetInt32(out var number) ? number : MaxReplayed;
        await using var connection = await database.Service.OpenConnectionAsync(cancellationToken);
        var messages = await connection.Command(
            """
            select id, event, payload::text from (
              select id, event, payload, inserted_at from realtime.messages
              where topic = @topic and private and extension = 'broadcast' and payload is not null
                and inserted_at > (timestamp 'epoch' + @since * interval '1 millisecond')
              order by inserted_at desc limit @limit) as newest
            order by inserted_at
            """,
            ("topic", channel.Name), ("since", milliseconds), ("limit", Math.Clamp(limit, 1, MaxReplayed)))
            .ListAsync(reader => (Id: reader.GetGuid(0), Event: reader.GetString(1), Payload: reader.GetString(2)), cancellationToken);
        foreach (var (id, name, payload) in messages)
        {
            var metadata = new JsonObject { ["replayed"] = true, ["id"] = id }.ToJsonString();
            channel.Push("broadcast", Payload.Broadcast(name, System.Text.Encoding.UTF8.GetBytes(payload), metadata));
        }
    }
}
