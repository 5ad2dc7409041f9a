using Platform.Workflows.Definitions;
using Platform.Workflows.Domain;
using Platform.Workflows.Engine.Store;

namespace Platform.Workflows.Engine;

/// <summary>A step of an execution, or one item of a step with <c>for_each</c>, while it is worked.</summary>
internal sealed class StepUnit(StepDefinition definition, int? item, Guid id)
{
    private const int MaxLogLines = 50;
    private readonly List<StepLogLine> _log = [];

    public StepDefinition Definition => definition;

    public int? Item => item;

    public string Status { get; private set; } = StepStatus.Pending;

    public int Attempts { get; private set; }

    public RawJson? Input { get; private set; }

    public RawJson? Output { get; private set; }

    public StepError? Error { get; private set; }

    /// <summary>When a retry is due, or when a wait is over at the latest.</summary>
    public DateTimeOffset? AvailableAt { get; private set; }

    /// <summary>The signal that it waits for.</summary>
    public string? WaitsFor { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>Whether it has changed since it was committed.</summary>
    public bool IsDirty { get; private set; }

    public bool IsFinal => StepStatus.IsFinal(Status);

    /// <summary>The unit as its row has it. What was cut off while it ran has to be run again.</summary>
    public static StepUnit Of(StepDefinition definition, StepRow row)
    {
        var unit = new StepUnit(definition, row.ItemIndex, row.Id)
        {
            Status = row.Status,
            Attempts = row.Attempts,
            Input = row.Input,
            Output = row.Output,
            Error = row.Error,
            AvailableAt = row.AvailableAt,
            WaitsFor = row.WaitsFor,
            StartedAt = row.StartedAt,
            CompletedAt = row.CompletedAt,
        };
        unit._log.AddRange(row.Log);
        return unit;
    }

    public void Start(RawJson input, DateTimeOffset now)
    {
        Input ??= input;
        Status = StepStatus.Running;
        Attempts++;
        StartedAt ??= now;
        AvailableAt = null;
        IsDirty = true;
    }

    /// <summary>Begins a step with <c>for_each</c>, whose items are units of their own.</summary>
    public void Expand(RawJson items, DateTimeOffset now) => Start(items, now);

    public void Succeed(RawJson output, DateTimeOffset now)
    {
        (Output, Error) = (output, null);
        End(StepStatus.Succeeded, now);
    }

    public void Skip(DateTimeOffset now) => End(StepStatus.Skipped, now);

    public void Cancel(DateTimeOffset now) => End(StepStatus.Cancelled, now);

    public void Fail(StepError error, DateTimeOffset now)
    {
        Error = error;
        Log(now, $"{error.Code}: {error.Message}");
        End(StepStatus.Failed, now);
    }

    public void RetryAt(StepError error, DateTimeOffset at, DateTimeOffset now)
    {
        (Error, Status, AvailableAt) = (error, StepStatus.Pending, at);
        Log(now, $"{error.Code}: {error.Message} Tried again at {at:O}.");
        IsDirty = true;
    }

    public void Wait(DateTimeOffset? until, string? signal)
    {
        (Status, AvailableAt, WaitsFor) = (StepStatus.Waiting, until, signal);
        IsDirty = true;
    }

    /// <summary>Lets a step that waits be done again, to look whether what it waits for is there. That is no new attempt.</summary>
    public void LookAgain()
    {
        (Status, AvailableAt) = (StepStatus.Pending, null);
        Attempts--;
        IsDirty = true;
    }

    public void Committed() => IsDirty = false;

    public StepState StateOf(ExecutionRun run) => new(
        id, run.Id, run.UserId, definition.Key, item, definition.Type, Status, Attempts, Input, Output, Error, [.. _log], AvailableAt, WaitsFor,
        StartedAt, CompletedAt);

    private void End(string status, DateTimeOffset now)
    {
        Status = status;
        StartedAt ??= now;
        CompletedAt = now;
        (AvailableAt, WaitsFor) = (null, null);
        IsDirty = true;
    }

    private void Log(DateTimeOffset now, string message)
    {
        if (_log.Count < MaxLogLines)
        {
            _log.Add(new StepLogLine(now, Attempts, message));
        }
    }
}
