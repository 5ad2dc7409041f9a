using System.Text.Json;
using FluentValidation;
using Platform.Dashboards.Data;

namespace Platform.Dashboards.Features.Widgets;

/// <summary>What a viewer sends: values of parameters, never a query.</summary>
/// <param name="Parameters">Values by name.</param>
/// <param name="MaxAge">The oldest answer that is good enough, in seconds; 0 asks the source. Null for the board's own interval.</param>
internal sealed record DataRequest(JsonElement? Parameters = null, int? MaxAge = null)
{
    private static readonly DataRequestValidator Validator = new();

    /// <summary>Checks a body, and reads what it asks for; nothing asks for the board as it is by default.</summary>
    public static ViewerRequest Check(DataRequest? body)
    {
        Validator.ValidateAndThrow(body ?? new DataRequest());
        return new ViewerRequest(body?.Parameters, null, body?.MaxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }
}

internal sealed class DataRequestValidator : AbstractValidator<DataRequest>
{
    private const int DayInSeconds = 86_400;

    public DataRequestValidator()
    {
        RuleFor(request => request.Parameters).Document();
        RuleFor(request => request.MaxAge).InclusiveBetween(0, DayInSeconds);
    }
}
