using Platform.Workflows.Domain;

namespace Platform.Workflows.Engine;

/// <summary>The steps with an effect outside that run in this process, and those that begin once what led to them is committed.</summary>
/// <param name="run">The execution.</param>
/// <param name="atWork">The units that run in this process.</param>
internal sealed class StepStarts(ExecutionRun run, IReadOnlySet<StepUnit> atWork)
{
    private const int MostAtOnce = 64;

    /// <summary>The units that begin.</summary>
    public List<StepUnit> Units { get; } = [];

    /// <summary>How many units run while the execution is taken further.</summary>
    public int Running { get; set; }

    /// <summary>Whether as many run as may.</summary>
    public bool IsFull => Running + Units.Count >= MostAtOnce;

    /// <summary>Whether a unit that is running was cut off with a worker before this one: it is done again, under the same key.</summary>
    public bool IsCutOff(StepUnit unit) => unit.Status == StepStatus.Running && !atWork.Contains(unit) && !Units.Contains(unit);

    /// <summary>Whether a unit is to begin, or to be tried again, by now.</summary>
    public bool IsDue(StepUnit? unit) =>
        (unit?.Status ?? StepStatus.Pending) == StepStatus.Pending && (unit?.AvailableAt is not { } at || at <= run.Now);
}
