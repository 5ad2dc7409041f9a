using System.Text.Json;
using Cronos;
using FluentValidation;
using Platform.Connectors.Schemas;
using Platform.Connectors.Types;

namespace Platform.Connectors.Features.Connectors;

/// <summary>What the type's own schemas and the schedule ask of a connector.</summary>
internal static class ConnectorRules
{
    public static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new { });

    public static void CheckSettings<T>(
        ValidationContext<T> context, ConnectorTypes types, string kind, JsonElement? config, JsonElement? credentials)
    {
        if (!types.TryGet(kind, out var type))
        {
            context.AddFailure("Type", $"Must be one of {string.Join(", ", types.All.Select(known => known.Kind))}.");
            return;
        }

        AddFailures(context, CheckConfig(type, config ?? Empty, "Config"));
        AddFailures(context, JsonSchemaCheck.Check(type.CredentialsSchema, credentials ?? Empty, "Credentials"));
    }

    /// <summary>What the type has to say against a config: by its schema, then by what goes together.</summary>
    /// <returns>JSON path to messages.</returns>
    public static IReadOnlyDictionary<string, string[]> CheckConfig(IConnectorType type, JsonElement config, string path)
    {
        var errors = JsonSchemaCheck.Check(type.ConfigSchema, config, path);
        return errors.Count > 0 ? errors : type.CheckConfig(config).ToDictionary(fault => $"{path}.{fault.Key}", fault => fault.Value);
    }

    private static void AddFailures<T>(ValidationContext<T> context, IReadOnlyDictionary<string, string[]> errors)
    {
        foreach (var (place, messages) in errors)
        {
            foreach (var message in messages)
            {
                context.AddFailure(place, message);
            }
        }
    }

    public static bool IsSchedule(string? schedule) => schedule is null || CronExpression.TryParse(schedule, out _);

    public static bool IsTimeZone(string? timeZone) => timeZone is null || TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _);

    /// <summary>
    /// The next time of a schedule on the clock of its zone. At the change to summer time what falls into the hour that is left out comes
    /// right after it; at the change back a fixed time comes once.
    /// </summary>
    public static DateTimeOffset? NextOf(string? schedule, string? timeZone, DateTimeOffset now)
    {
        var zone = timeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(timeZone);
        return schedule is null ? null : CronExpression.Parse(schedule).GetNextOccurrence(now, zone)?.ToUniversalTime();
    }
}
