using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Persistence;
using Platform.SharedKernel.Messages;

namespace Platform.Dashboards.Features.Subscriptions;

/// <summary>Makes a run for every subscription of everybody that is due, and answers with all runs that are due.</summary>
internal sealed record TakeDueSubscriptionsCommand : ICommand<IReadOnlyList<DueRun>>;

internal sealed record DueRun(Guid Id, Guid UserId);

internal sealed class TakeDueSubscriptionsHandler(DashboardsDbContext db, TimeProvider clock)
    : IRequestHandler<TakeDueSubscriptionsCommand, IReadOnlyList<DueRun>>
{
    private const int MaxRuns = 200;

    public async Task<IReadOnlyList<DueRun>> Handle(TakeDueSubscriptionsCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var left = await db.SubscriptionRuns
            .Where(run => (run.Status == SubscriptionRun.Pending || run.Status == SubscriptionRun.Sending) && run.NextAttemptAt <= now)
            .OrderBy(run => run.NextAttemptAt).Take(MaxRuns).Select(run => new DueRun(run.Id, run.UserId)).ToListAsync(cancellationToken);
        var due = await db.Subscriptions
            .Where(subscription => subscription.Status == Subscription.Active && subscription.NextRunAt <= now)
            .OrderBy(subscription => subscription.NextRunAt).Take(MaxRuns).ToListAsync(cancellationToken);
        var runs = due.Select(subscription => SubscriptionRun.Of(subscription, now)).ToList();
        db.SubscriptionRuns.AddRange(runs);
        // Times that were missed are not made up for.
        due.ForEach(subscription => subscription.PutOff(SubscriptionTermsValidator.NextOf(subscription.Terms, now)));
        return [.. left, .. runs.Select(run => new DueRun(run.Id, run.UserId))];
    }
}

/// <summary>
/// Takes a run, so that nobody else has it for a while. Null if it is not due, or somebody has it, or there is nothing to do any more. One
/// whose sender died is ended: its mail may have left.
/// </summary>
internal sealed record TakeRunCommand(Guid Id) : ICommand<TakenRun?>;

internal sealed record TakenRun(Guid Id, Guid DashboardId, DateTimeOffset DueAt, string Format, string Theme, JsonElement Parameters);

internal sealed class TakeRunHandler(DashboardsDbContext db, TimeProvider clock) : IRequestHandler<TakeRunCommand, TakenRun?>
{
    public async Task<TakenRun?> Handle(TakeRunCommand request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = await db.SubscriptionRuns
            .FromSql($"select *, xmin from dashboards.subscription_runs where id = {request.Id} for update skip locked")
            .SingleOrDefaultAsync(cancellationToken);
        if (run is not { Status: SubscriptionRun.Pending or SubscriptionRun.Sending } || run.NextAttemptAt > now)
        {
            return null;
        }

        var subscription = await db.Subscriptions.SingleAsync(subscription => subscription.Id == run.SubscriptionId, cancellationToken);
        if (run.Status == SubscriptionRun.Sending || subscription.Status != Subscription.Active)
        {
            run.End(
                run.Status == SubscriptionRun.Sending ? SubscriptionRun.Interrupted : SubscriptionRun.Failed,
                run.Status == SubscriptionRun.Sending ? "sender_died" : "subscription_not_active", now);
            return null;
        }

        run.Take(now);
        return new TakenRun(
            run.Id, subscription.DashboardId, run.DueAt, subscription.Format, subscription.Theme, subscription.Parameters);
    }
}

/// <summary>Says that a run's mail is handed over from now on.</summary>
internal sealed record BeginSendingCommand(Guid Id) : ICommand;

internal sealed class BeginSendingHandler(DashboardsDbContext db, TimeProvider clock) : AsyncRequestHandler<BeginSendingCommand>
{
    protected override async Task Handle(BeginSendingCommand request, CancellationToken cancellationToken) =>
        (await db.SubscriptionRuns.SingleAsync(run => run.Id == request.Id, cancellationToken)).Send(clock.GetUtcNow());
}

/// <summary>How a run went.</summary>
/// <param name="IsSent">Whether the mail was taken.</param>
/// <param name="Reason">Why it was not, as a code.</param>
/// <param name="MayHelp">Whether another try may help.</param>
/// <param name="Stops">Whether the subscription stops, since no later run can do better.</param>
internal sealed record RunOutcome(bool IsSent, string? Reason = null, bool MayHelp = false, bool Stops = false);

/// <summary>Writes down how a run went.</summary>
internal sealed record EndRunCommand(Guid Id, RunOutcome Outcome) : ICommand;

internal sealed class EndRunHandler(DashboardsDbContext db, TimeProvider clock) : AsyncRequestHandler<EndRunCommand>
{
    protected override async Task Handle(EndRunCommand request, CancellationToken cancellationToken)
    {
        var (outcome, now) = (request.Outcome, clock.GetUtcNow());
        if (await db.SubscriptionRuns.SingleOrDefaultAsync(run => run.Id == request.Id, cancellationToken) is not { } run)
        {
            return;
        }

        if (outcome is { IsSent: false, MayHelp: true })
        {
            run.Retry(outcome.Reason!, now);
            return;
        }

        run.End(outcome.IsSent ? SubscriptionRun.Sent : SubscriptionRun.Failed, outcome.Reason, now);
        var subscription = await db.Subscriptions.SingleAsync(subscription => subscription.Id == run.SubscriptionId, cancellationToken);
        if (outcome.IsSent)
        {
            subscription.Sent(now);
        }
        else if (outcome.Stops)
        {
            subscription.Stop(outcome.Reason!, now);
        }
    }
}
