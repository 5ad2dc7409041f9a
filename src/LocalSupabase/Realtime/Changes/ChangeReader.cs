using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>Reads changes out of replication messages, which are reused and must be read to their end before the next one.</summary>
internal sealed class ChangeReader(RelationCatalog catalog)
{
    private readonly Dictionary<uint, (Relation Relation, int[] Places)> _known = [];
    private DateTime _committedAt;

    /// <summary>The transaction that the messages belong to.</summary>
    public uint TransactionId { get; private set; }

    /// <summary>The change that a message tells of; null for messages that tell of none, and for tables that are not published.</summary>
    public async Task<Change?> ReadAsync(PgOutputReplicationMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case BeginMessage begin:
                (_committedAt, TransactionId) = (begin.TransactionCommitTimestamp, begin.TransactionXid);
                return null;
            case RelationMessage relation:
                catalog.Invalidate();
                _known.Remove(relation.RelationId);
                return null;
            case InsertMessage insert:
                return await OfAsync(ChangeKind.Insert, insert.Relation, insert.NewRow, null, cancellationToken);
            case FullUpdateMessage update:
                return await OfAsync(ChangeKind.Update, update.Relation, update.NewRow, update.OldRow, cancellationToken);
            case IndexUpdateMessage update:
                return await OfAsync(ChangeKind.Update, update.Relation, update.NewRow, update.Key, cancellationToken);
            case DefaultUpdateMessage update:
                return await OfAsync(ChangeKind.Update, update.Relation, update.NewRow, null, cancellationToken);
            case FullDeleteMessage delete:
                return await OfAsync(ChangeKind.Delete, delete.Relation, null, delete.OldRow, cancellationToken);
            case KeyDeleteMessage delete:
                return await OfAsync(ChangeKind.Delete, delete.Relation, null, delete.Key, cancellationToken);
            default:
                return null;
        }
    }

    private async Task<Change?> OfAsync(
        ChangeKind kind, RelationMessage message, ReplicationTuple? newRow, ReplicationTuple? oldRow, CancellationToken cancellationToken)
    {
        // The old row stands first on the wire.
        var oldCells = oldRow is null ? null : await CellsAsync(oldRow, cancellationToken);
        var newCells = newRow is null ? null : await CellsAsync(newRow, cancellationToken);
        if (await KnowAsync(message, cancellationToken) is not { } known)
        {
            return null;
        }

        var placedNew = Place(known, newCells);
        var placedOld = Place(known, oldCells);
        return new Change(
            kind, known.Relation, _committedAt, TransactionId, placedNew,
            placedOld is null ? KeyOf(known.Relation, placedNew) : OnlyIdentity(message, known.Places, placedOld));
    }

    // An unchanged key is not sent again: it is that of the new row.
    private static Cell[]? KeyOf(Relation relation, Cell[]? row) =>
        row is null ? null : [.. row.Select((cell, index) => relation.Columns[index].IsKey ? cell : Cell.Absent)];

    // Columns outside the replica identity come as nulls, which are no values.
    private static Cell[] OnlyIdentity(RelationMessage message, int[] places, Cell[] row)
    {
        if (message.ReplicaIdentity == RelationMessage.ReplicaIdentitySetting.AllColumns)
        {
            return row;
        }

        var kept = new Cell[row.Length];
        for (var index = 0; index < message.Columns.Count; index++)
        {
            if (places[index] >= 0 && message.Columns[index].Flags.HasFlag(RelationMessage.Column.ColumnFlags.PartOfKey))
            {
                kept[places[index]] = row[places[index]];
            }
        }

        return kept;
    }

    private async Task<(Relation Relation, int[] Places)?> KnowAsync(RelationMessage message, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(message.RelationId, out var known))
        {
            return known;
        }

        if (await catalog.FindAsync(message.RelationId, cancellationToken) is not { } relation)
        {
            return null;
        }

        var places = message.Columns.Select(column => IndexOf(relation, column.ColumnName)).ToArray();
        return _known[message.RelationId] = (relation, places);
    }

    /// <summary>Forgets what the catalogue said, which may have changed without a word of the feed.</summary>
    public void Refresh() => _known.Clear();

    private static int IndexOf(Relation relation, string name)
    {
        for (var index = 0; index < relation.Columns.Count; index++)
        {
            if (relation.Columns[index].Name == name)
            {
                return index;
            }
        }

        return -1;
    }

    private static Cell[]? Place((Relation Relation, int[] Places) known, List<Cell>? cells)
    {
        if (cells is null)
        {
            return null;
        }

        var row = new Cell[known.Relation.Columns.Count];
        for (var index = 0; index < cells.Count && index < known.Places.Length; index++)
        {
            if (known.Places[index] >= 0)
            {
                row[known.Places[index]] = cells[index];
            }
        }

        return row;
    }

    private static async Task<List<Cell>> CellsAsync(ReplicationTuple tuple, CancellationToken cancellationToken)
    {
        var cells = new List<Cell>(tuple.NumColumns);
        await foreach (var value in tuple.WithCancellation(cancellationToken))
        {
            cells.Add(value.IsUnchangedToastedValue
                ? Cell.Absent
                : new Cell(value.IsDBNull ? null : await value.Get<string>(cancellationToken), IsPresent: true));
        }

        return cells;
    }
}
