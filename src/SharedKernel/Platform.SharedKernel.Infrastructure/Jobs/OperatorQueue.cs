namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>
/// A queue as job operators see it in the dashboard. Its schema has the functions <c>staff_queue_counts()</c> and
/// <c>staff_queue_items(state, most)</c>, which refuse everybody but staff and tell nothing of what is worked on.
/// </summary>
/// <param name="Name">The queue's name, as in <c>Jobs:Queues</c>.</param>
/// <param name="Title">What its pieces of work are called.</param>
/// <param name="Schema">The schema with the functions.</param>
/// <param name="Actions">What an operator may do to a piece of work.</param>
public sealed record OperatorQueue(string Name, string Title, string Schema, IReadOnlyList<OperatorAction> Actions);

/// <summary>What an operator may do to a piece of work.</summary>
/// <param name="Name">Its name in the URL.</param>
/// <param name="Title">What stands on the button.</param>
/// <param name="States">The states in which it is offered.</param>
/// <param name="RunAsync">Does it, in the scope of the operator's request; it checks for itself who asks.</param>
public sealed record OperatorAction(
    string Name, string Title, IReadOnlyList<string> States, Func<IServiceProvider, Guid, CancellationToken, Task> RunAsync);

/// <summary>A piece of work: how it goes, and nothing of what it works on.</summary>
/// <param name="Id">The row.</param>
/// <param name="UserId">Its owner.</param>
/// <param name="State">The state it is in.</param>
/// <param name="Detail">A code or a name that says more.</param>
/// <param name="Attempts">How often it was claimed.</param>
/// <param name="CreatedAt">When it was queued.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record OperatorItem(
    Guid Id, Guid? UserId, string State, string? Detail, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);
