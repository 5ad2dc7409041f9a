using System.Globalization;
using System.Text.Json.Nodes;

namespace Platform.Workflows.Steps;

/// <summary>Waits for a time: a number of seconds, or until a moment.</summary>
internal sealed class DelayStep : IWaitingStepType
{
    private const double MaxSeconds = 366 * 24 * 3600;

    public string Type => "delay";

    public string Title => "Wait for a time";

    public bool IsPure => true;

    public IReadOnlyList<StepMember> Members { get; } =
    [
        new("seconds", "number", "How long, at most a year."),
        new("until", "string", "Until when, as ISO 8601 with an offset; a moment that is past ends the wait at once."),
    ];

    public JsonObject Example => new() { ["seconds"] = 3600 };

    public Task<StepResult> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult(Begin(context));

    public StepResult Resume(StepContext context, WakeUp wake) =>
        new StepResult.Completed(new JsonObject { ["resumed_at"] = context.Run.Now.UtcDateTime });

    private static StepResult Begin(StepContext context)
    {
        if (context.With["seconds"] is { } seconds && context.With["until"] is null)
        {
            return double.TryParse(seconds.ToString(), CultureInfo.InvariantCulture, out var wait) && wait is >= 0 and <= MaxSeconds
                ? new StepResult.Waiting(context.Run.Now.AddSeconds(wait))
                : new StepResult.Failed("step_input_invalid", $"seconds is a number from 0 to {MaxSeconds}.");
        }

        return context.Text("until") is { } until && context.With["seconds"] is null
            && DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? new StepResult.Waiting(moment)
            : new StepResult.Failed("step_input_invalid", "Give either seconds, or until as ISO 8601.");
    }
}
