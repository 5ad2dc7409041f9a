namespace Platform.SharedKernel.Infrastructure.Jobs;

/// <summary>
/// A queue that a module works by its own rules, where <see cref="IPump"/> is not enough: it claims and commits in batches of its own. Hangfire
/// starts it, starts it again when it fails, and stops it with the rest.
/// </summary>
public interface IQueueProcess
{
    /// <summary>The queue's name, for <c>Jobs:Queues</c> and the dashboard.</summary>
    string Queue { get; }

    /// <summary>The channel whose NOTIFY wakes it.</summary>
    string Channel => $"platform_{Queue}";

    /// <summary>Works the queue until the node stops; then ends what runs, or hands it back.</summary>
    /// <param name="wakeUps">Says when there may be work.</param>
    /// <param name="stopping">Cancelled when the node drains.</param>
    /// <returns>When nothing of the queue runs here any more.</returns>
    Task RunAsync(IWakeUps wakeUps, CancellationToken stopping);

    /// <summary>Works what is due now, to its end or to where it waits.</summary>
    /// <param name="cancellationToken">Leaves what it works as it is.</param>
    /// <returns>How many pieces of work were taken.</returns>
    Task<int> WorkDueAsync(CancellationToken cancellationToken);
}

/// <summary>Wake-ups of a queue: hints, not facts. Whoever waits also looks from time to time.</summary>
public interface IWakeUps
{
    /// <summary>Waits for a wake-up since the last wait.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was woken.</returns>
    Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
