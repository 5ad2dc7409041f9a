using System.Text.Json;
using Cronos;
using FluentValidation;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Exports;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Subscriptions;

/// <summary>
/// A subscription. <c>reason</c> says why it was stopped: <c>dashboard_not_visible</c>, <c>parameters_invalid</c> or
/// <c>no_mail_address</c>.
/// </summary>
internal sealed record SubscriptionResponse(
    Guid Id, Guid DashboardId, string Schedule, string TimeZone, string Format, string Theme, JsonElement Parameters, string Status, string? Reason,
    DateTimeOffset? NextRunAt, DateTimeOffset? LastSentAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt) : VersionedResponse
{
    public static SubscriptionResponse From(Subscription subscription, RowVersion? version) =>
        new(
            subscription.Id, subscription.DashboardId, subscription.Schedule, subscription.TimeZone, subscription.Format, subscription.Theme,
            subscription.Parameters, subscription.Status, subscription.Reason, subscription.NextRunAt, subscription.LastSentAt,
            subscription.CreatedAt, subscription.UpdatedAt)
        { Version = version };
}

/// <summary>What a subscription has to be, made or changed.</summary>
internal sealed class SubscriptionTermsValidator : AbstractValidator<SubscriptionTerms>
{
    private const int LooksAhead = 20;
    private static readonly TimeSpan LeastPause = TimeSpan.FromMinutes(15);

    public SubscriptionTermsValidator(TimeProvider clock)
    {
        RuleFor(terms => terms.TimeZone).NotEmpty().MaximumLength(60).Must(zone => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            .WithMessage("Must be a time zone, such as Europe/Berlin.");
        RuleFor(terms => terms.Schedule).NotEmpty().MaximumLength(120).Must(schedule => CronExpression.TryParse(schedule, out _))
            .WithMessage("Must be a cron expression of five fields.")
            .Must((terms, schedule) => IsSeldomEnough(terms, clock.GetUtcNow()))
            .WithMessage($"Must leave {LeastPause.TotalMinutes} minutes between two mails, and come at all.");
        RuleFor(terms => terms.Format).Must(format => format is ExportQuery.Png or ExportQuery.Pdf).WithMessage("Must be png or pdf.");
        RuleFor(terms => terms.Theme).Must(theme => theme is "light" or "dark").WithMessage("Must be light or dark.");
        RuleFor(terms => (JsonElement?)terms.Parameters).Document();
        RuleFor(terms => terms.Status).Must(status => status is Subscription.Active or Subscription.Paused).WithMessage("Must be active or paused.");
    }

    /// <summary>The next time after now; null where the terms have none.</summary>
    public static DateTimeOffset? NextOf(SubscriptionTerms terms, DateTimeOffset now) =>
        CronExpression.Parse(terms.Schedule).GetNextOccurrence(now, TimeZoneInfo.FindSystemTimeZoneById(terms.TimeZone))?.ToUniversalTime();

    private static bool IsSeldomEnough(SubscriptionTerms terms, DateTimeOffset now)
    {
        if (!CronExpression.TryParse(terms.Schedule, out var schedule) || !TimeZoneInfo.TryFindSystemTimeZoneById(terms.TimeZone, out var zone))
        {
            return true;
        }

        var times = schedule.GetOccurrences(now, now.AddYears(5), zone).Take(LooksAhead).ToList();
        return times.Count > 0 && times.Zip(times.Skip(1)).All(pair => pair.Second - pair.First >= LeastPause);
    }
}
