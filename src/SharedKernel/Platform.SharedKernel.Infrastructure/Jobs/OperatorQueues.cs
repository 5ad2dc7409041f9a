using Npgsql;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Infrastructure.Database;

namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>Reads the queues of all modules for an operator, under the operator's own rights.</summary>
public sealed class OperatorQueues
{
    private readonly KernelDatabase _database;

    internal OperatorQueues(IEnumerable<OperatorQueue> queues, KernelDatabase database) => (All, _database) = ([.. queues], database);

    /// <summary>The queues.</summary>
    public IReadOnlyList<OperatorQueue> All { get; }

    /// <summary>How many pieces of work are in each state.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="caller">The operator.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>States and counts, in the order in which work passes through them.</returns>
    public Task<List<(string State, long Count)>> CountAsync(OperatorQueue queue, Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return _database.QueryAsync(
            caller, $"select state, count from {queue.Schema}.staff_queue_counts()", reader => (reader.GetString(0), reader.GetInt64(1)),
            cancellationToken);
    }

    /// <summary>The newest pieces of work in a state.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">The state.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="caller">The operator.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The pieces, newest first.</returns>
    public Task<List<OperatorItem>> ListAsync(
        OperatorQueue queue, string state, int most, Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return _database.QueryAsync(
            caller,
            $"select id, user_id, state, detail, attempts, created_at, ended_at from {queue.Schema}.staff_queue_items(@state, @most)",
            reader => new OperatorItem(
                reader.GetGuid(0), reader.IsDBNull(1) ? null : reader.GetGuid(1), reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3), reader.GetInt32(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)),
            cancellationToken,
            new NpgsqlParameter<string>("state", state),
            new NpgsqlParameter<int>("most", most));
    }
}
