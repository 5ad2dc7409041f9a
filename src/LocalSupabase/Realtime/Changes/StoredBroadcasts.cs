using System.Text;
using System.Text.Json.Nodes;
using Npgsql.Replication.PgOutput.Messages;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>Rows of <c>realtime.messages</c>: broadcasts that the database sends itself.</summary>
internal sealed class StoredBroadcasts(Rooms rooms)
{
    public static bool IsMessage(RelationMessage relation) => relation is { Namespace: "realtime", RelationName: "messages" };

    /// <summary>Delivers the row of an insert.</summary>
    public async Task DeliverAsync(InsertMessage insert, CancellationToken cancellationToken)
    {
        var row = new Dictionary<string, string?>(StringComparer.Ordinal);
        var index = 0;
        await foreach (var value in insert.NewRow.WithCancellation(cancellationToken))
        {
            var column = insert.Relation.Columns[index++].ColumnName;
            row[column] = value.IsDBNull || value.IsUnchangedToastedValue ? null : await value.Get<string>(cancellationToken);
        }

        if (row.GetValueOrDefault("extension") != ChannelAuthorizer.Broadcast || row.GetValueOrDefault("topic") is not { } topic)
        {
            return;
        }

        var key = new RoomKey(topic, row.GetValueOrDefault("private") == "t");
        var name = row.GetValueOrDefault("event") ?? "";
        var metadata = new JsonObject { ["id"] = row.GetValueOrDefault("id") }.ToJsonString();
        if (row.GetValueOrDefault("binary_payload") is ['\\', 'x', .. var hex])
        {
            rooms.DeliverStored(key, name, metadata, isJson: false, Convert.FromHexString(hex));
        }
        else
        {
            rooms.DeliverStored(key, name, metadata, isJson: true, Encoding.UTF8.GetBytes(row.GetValueOrDefault("payload") ?? "{}"));
        }
    }
}
