namespace Platform.Workflows.Domain;

/// <summary>Why a step failed.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people.</param>
internal sealed record StepError(string Code, string Message);

/// <summary>A line of a step's log.</summary>
/// <param name="At">When.</param>
/// <param name="Attempt">Of which attempt.</param>
/// <param name="Message">What happened.</param>
internal sealed record StepLogLine(DateTimeOffset At, int Attempt, string Message);
