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
        // Lists of constants, because the planner counts them: of a document it believes that it holds a hundred rows, and may then read a
        // whole table instead of looking for one row.
        var keys = relation.KeyOrdinals.Select((ordinal, index) => (
            Name: $"k{index}", Column: relation.Columns[ordinal], Values: changes.Select(change => change.Change.New![ordinal].Text).ToArray())).ToList();
        var sql = $"""
            select k.place from unnest(@places, {string.Join(", ", keys.Select(key => $"@{key.Name}"))})
              as k (place, {string.Join(", ", keys.Select(key => key.Name))})
            join {Quote(relation.Schema)}.{Quote(relation.Name)} as t
              on {string.Join(" and ", keys.Select(key => $"t.{Quote(key.Column.Name)} = k.{key.Name}::{key.Column.SqlType}"))}
            """;
        try
        {
            return
            [
                .. await database.ReadAsCallerAsync(
                    identity, sql,
                    [("places", changes.Select(change => change.Place).ToArray()), .. keys.Select(key => (key.Name, (object?)key.Values))],
                    reader => reader.GetInt32(0), cancellationToken),
            ];
        }
        catch (PostgresException exception) when (!exception.IsTransient && exception.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            // The right to the table is gone, or a policy fails: then nothing is visible. What may go better again is no such answer: it
            // ends the feed, which says so to its subscribers and begins anew.
            return [];
        }
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
