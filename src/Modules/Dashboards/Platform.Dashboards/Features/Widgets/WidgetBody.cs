using System.Text.Json;
using FluentValidation;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Widgets;

namespace Platform.Dashboards.Features.Widgets;

/// <summary>What a widget asks its connector. Viewers send values for its parameters, never a query.</summary>
internal sealed record DataQuery(string Query, JsonElement? Parameters = null, string Source = DataQuery.Live)
{
    public const string Live = "live";
    public const string Dataset = "dataset";
    public const int MaxQueryLength = 50_000;
}

internal sealed class DataQueryValidator : AbstractValidator<DataQuery>
{
    public DataQueryValidator()
    {
        RuleFor(query => query.Query).NotEmpty().MaximumLength(DataQuery.MaxQueryLength);
        RuleFor(query => query.Parameters).Document();
        RuleFor(query => query.Source).Must(source => source is DataQuery.Live or DataQuery.Dataset)
            .WithMessage("'Source' must be live or dataset.");
    }
}

/// <summary>Checks a widget's type and config against the kinds that are registered.</summary>
internal static class WidgetContentRules
{
    public static void Apply<T>(ValidationContext<T> context, WidgetTypes types, string type, JsonElement? config, bool hasQuery)
    {
        if (types.Find(type) is not { } kind)
        {
            context.AddFailure("Type", $"Must be one of {string.Join(", ", types.Names)}.");
            return;
        }

        if (hasQuery && !kind.ShowsData)
        {
            context.AddFailure("DataQuery", $"A {type} widget shows no data.");
        }

        foreach (var (path, message) in config is { ValueKind: JsonValueKind.Object } document ? kind.FaultsOf(document) : [])
        {
            context.AddFailure($"Config.{path}", message);
        }
    }

    public static readonly GridSize DefaultSize = new(6, 4);
}
