using Npgsql;
using Platform.LocalSupabase.Realtime.Channels;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>Which rows an identity sees: the rows are looked up again by their keys, as that identity, under the policies of the moment.</summary>
internal sealed class RowVisibility(RealtimeDatabase database)
{
    private const int Unsettled = -1;

    /// <summary>The places in the list of those changes whose row is visible.</summary>
    public async Task<HashSet<int>> VisibleAsync(
        ChannelIdentity identity, Relation relation, IReadOnlyList<(int Place, Change Change)> changes, CancellationToken cancellationToken)
    {
        // Lists of constants, because the planner counts them: of a document it believes that it holds a hundred rows. They have the
        // column's type before they are unnested: a cast of each text could leak what it is given, and under row-level security a
        // comparison that may leak finds no row by an index, only by reading the whole table.
        var keys = relation.KeyOrdinals.Select((ordinal, index) => new Key(
            $"k{index}", relation.Columns[ordinal], [.. changes.Select(change => change.Change.New![ordinal].Text)])).ToList();
        var sql = $"""
            select {Unsettled} where {SettledTransactions.AnyIsUnsettled("transactions")}
            union all
            select k.place from unnest(@places, {string.Join(", ", keys.Select(key => key.List))})
              as k (place, {string.Join(", ", keys.Select(key => key.Name))})
            join {Quote(relation.Schema)}.{Quote(relation.Name)} as t
              on {string.Join(" and ", keys.Select(key => $"t.{Quote(key.Column.Name)} = {key.Value}"))}
            """;
        (string, object?)[] parameters =
        [
            ("transactions", changes.Select(change => (long)change.Change.TransactionId).Distinct().ToArray()),
            ("places", changes.Select(change => change.Place).ToArray()),
            .. keys.Select(key => (key.Name, (object?)key.Values)),
        ];
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var places = await database.ReadAsCallerAsync(identity, sql, parameters, reader => reader.GetInt32(0), cancellationToken);
                if (!places.Contains(Unsettled))
                {
                    return [.. places];
                }

                await SettledTransactions.PauseAsync(attempt, cancellationToken);
            }
        }
        catch (PostgresException exception) when (!exception.IsTransient && exception.SqlState != PostgresErrorCodes.QueryCanceled)
        {
            // The right to the table is gone, or a policy fails: then nothing is visible. What may go better again is no such answer: it
            // ends the feed, which says so to its subscribers and begins anew.
            return [];
        }
    }

    private sealed record Key(string Name, RelationColumn Column, string?[] Values)
    {
        // A list of arrays would be unnested down to their elements.
        private bool IsArray => Column.SqlType.EndsWith(']');

        public string List => IsArray ? $"@{Name}" : $"@{Name}::{Column.SqlType}[]";

        public string Value => IsArray ? $"k.{Name}::{Column.SqlType}" : $"k.{Name}";
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
