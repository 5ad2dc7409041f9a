using System.Text.Json.Nodes;
using Npgsql;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>Which rows an identity sees: the rows are looked up again by their keys, as that identity, under the policies of the moment.</summary>
internal sealed class RowVisibility(RealtimeDatabase database)
{
    /// <summary>The places in the list of those changes whose row is visible.</summary>
    public async Task<HashSet<int>> VisibleAsync(
        ChannelIdentity identity, Relation relation, IReadOnlyList<(int Place, Change Change)> changes, CancellationToken cancellationToken)
    {
        var keys = new JsonArray();
        foreach (var (place, change) in changes)
        {
            var key = new JsonObject { ["#"] = place };
            foreach (var ordinal in relation.KeyOrdinals)
            {
                key[relation.Columns[ordinal].Name] = change.New![ordinal].Text;
            }

            keys.Add((JsonNode)key);
        }

        var (columns, equal) = (
            string.Join(", ", relation.KeyOrdinals.Select(ordinal => $"{Quote(relation.Columns[ordinal].Name)} text")),
            string.Join(" and ", relation.KeyOrdinals.Select(ordinal => ConditionOf(relation.Columns[ordinal]))));
        var sql = $"""
            select k."#" from jsonb_to_recordset(@keys) as k ("#" integer, {columns})
            join {Quote(relation.Schema)}.{Quote(relation.Name)} as t on {equal}
            """;
        try
        {
            return [.. await database.ReadAsCallerAsync(identity, sql, ("keys", keys), reader => reader.GetInt32(0), cancellationToken)];
        }
        catch (PostgresException exception) when (!exception.IsTransient && exception.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            // The right to the table is gone, or a policy fails: then nothing is visible. What may go better again is no such answer: it
            // ends the feed, which says so to its subscribers and begins anew.
            return [];
        }
    }

    private static string ConditionOf(RelationColumn column) =>
        $"t.{Quote(column.Name)} = k.{Quote(column.Name)}::{column.SqlType}";

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
