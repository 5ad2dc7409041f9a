using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Realtime.Channels;

/// <summary>
/// The rights of private channels: policies on <c>realtime.messages</c>, asked with a probe row of the topic in a transaction that is
/// rolled back.
/// </summary>
internal sealed class ChannelAuthorizer(RealtimeDatabase database)
{
    public const string Broadcast = "broadcast";
    public const string Presence = "presence";

    /// <summary>Whether the identity sees a message of the topic, for each kind.</summary>
    public async Task<ChannelRights> ReadAsync(ChannelIdentity identity, string topic, CancellationToken cancellationToken)
    {
        await using var connection = await database.Service.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var probes = await connection.Command(
            "insert into realtime.messages (topic, extension) values (@topic, 'broadcast'), (@topic, 'presence') returning id", ("topic", topic))
            .ListAsync(reader => reader.GetGuid(0), cancellationToken);
        await RealtimeDatabase.BecomeAsync(connection, identity, topic, cancellationToken);
        List<string> seen;
        try
        {
            seen = await connection.Command("select extension from realtime.messages where id = any(@ids)", ("ids", probes.ToArray()))
                .ListAsync(reader => reader.GetString(0), cancellationToken);
        }
        catch (PostgresException)
        {
            // A policy that fails shows nothing.
            seen = [];
        }

        await transaction.RollbackAsync(CancellationToken.None);
        return new ChannelRights(seen.Contains(Broadcast), seen.Contains(Presence), null);
    }

    /// <summary>Whether the identity may add a message of the kind to the topic.</summary>
    public async Task<bool> MayWriteAsync(ChannelIdentity identity, string topic, string extension, CancellationToken cancellationToken)
    {
        try
        {
            return await database.AsCallerAsync(
                identity,
                topic,
                async connection => await connection.Command(
                    "insert into realtime.messages (topic, extension) values (@topic, @extension)", ("topic", topic), ("extension", extension))
                    .ExecuteAsync(cancellationToken) == 1,
                cancellationToken);
        }
        catch (PostgresException)
        {
            // 42501 where no policy allows it; a policy that fails allows nothing either.
            return false;
        }
    }
}
