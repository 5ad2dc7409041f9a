using System.Text.Json;
using System.Text.Json.Serialization;
using Cronos;
using FluentValidation;
using Platform.Dashboards.Domain;
using Platform.SharedKernel.Infrastructure.Json;
using Platform.SharedKernel.Paging;

namespace Platform.Dashboards.Features.Alerts;

internal sealed record AlertResponse(
    Guid Id, Guid WidgetId, string Name, JsonElement Condition, JsonElement Notify, string Schedule, string Status, string State,
    DateTimeOffset? StateChangedAt, DateTimeOffset? LastCheckedAt, DateTimeOffset? NextCheckAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
    : VersionedResponse
{
    /// <summary>What calls of the webhook are signed with (Standard Webhooks); shown once, when it is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookSecret { get; init; }

    public static AlertResponse From(Alert alert, RowVersion? version) =>
        new(
            alert.Id, alert.WidgetId, alert.Name, alert.Condition, alert.Notify, alert.Schedule, alert.Status, alert.State,
            alert.StateChangedAt, alert.LastCheckedAt, alert.NextCheckAt, alert.CreatedAt, alert.UpdatedAt)
        { Version = version };
}

/// <summary>Whom an alert tells: a webhook, and its owner by mail.</summary>
internal sealed record AlertNotify(string? WebhookUrl = null, bool Email = false);

/// <summary>What an alert has to be, made or changed.</summary>
internal sealed class AlertTermsValidator : AbstractValidator<AlertTerms>
{
    private const int MaxUrlLength = 2000;

    public AlertTermsValidator()
    {
        RuleFor(terms => terms.Name).NotEmpty().MaximumLength(Alert.MaxNameLength);
        RuleFor(terms => terms.Status).Must(status => status is Alert.Active or Alert.Paused).WithMessage("Must be active or paused.");
        RuleFor(terms => terms.Schedule).NotEmpty().MaximumLength(120).Must(schedule => CronExpression.TryParse(schedule, out _))
            .WithMessage("Must be a cron expression of five fields, in UTC.");
        RuleFor(terms => terms.Condition).Custom(CheckCondition);
        RuleFor(terms => terms.Notify).Custom(CheckNotify);
    }

    public static AlertCondition ConditionOf(JsonElement document) => document.Deserialize<AlertCondition>(PlatformJson.Options)!;

    public static AlertNotify NotifyOf(JsonElement document) => document.Deserialize<AlertNotify>(PlatformJson.Options)!;

    public static DateTimeOffset? NextOf(string schedule, DateTimeOffset now) =>
        CronExpression.Parse(schedule).GetNextOccurrence(now, TimeZoneInfo.Utc);

    private static void CheckCondition(JsonElement document, ValidationContext<AlertTerms> context)
    {
        if (Read<AlertCondition>(document, context, "Condition") is not { } condition)
        {
            return;
        }

        Require(context, "Condition.Type", AlertCondition.Types.Contains(condition.Type), AlertCondition.Types);
        Require(context, "Condition.Aggregate", AlertCondition.Aggregates.Contains(condition.Aggregate), AlertCondition.Aggregates);
        if (condition.Type == AlertCondition.Threshold)
        {
            Require(context, "Condition.Operator", AlertCondition.Operators.Contains(condition.Operator ?? ""), AlertCondition.Operators);
            Require(context, "Condition.Column", !string.IsNullOrEmpty(condition.Column), ["a column of the result"]);
            Require(context, "Condition.Value", condition.Value is not null, ["a number"]);
        }
    }

    private static void CheckNotify(JsonElement document, ValidationContext<AlertTerms> context)
    {
        if (Read<AlertNotify>(document, context, "Notify") is { WebhookUrl: { } url })
        {
            var isGood = url.Length <= MaxUrlLength && Uri.TryCreate(url, UriKind.Absolute, out var uri)
                && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0;
            Require(context, "Notify.WebhookUrl", isGood, ["an http or https address"]);
        }
    }

    private static void Require(ValidationContext<AlertTerms> context, string path, bool holds, IEnumerable<string> wanted)
    {
        if (!holds)
        {
            context.AddFailure(path, $"Must be {string.Join(", ", wanted)}.");
        }
    }

    private static T? Read<T>(JsonElement document, ValidationContext<AlertTerms> context, string path)
        where T : class
    {
        try
        {
            return document.Deserialize<T>(PlatformJson.Options);
        }
        catch (JsonException)
        {
            context.AddFailure(path, "It has members that are missing, unknown or of the wrong type.");
            return null;
        }
    }
}
