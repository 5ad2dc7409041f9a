namespace Platform.LocalSupabase;

/// <summary>The embedded mode cannot start or go on, for a reason that the operator can remove.</summary>
public sealed class LocalSupabaseException : Exception
{
    /// <summary>Creates the exception; its message is the problem followed by the next step.</summary>
    public LocalSupabaseException(string code, string problem, string nextStep, Exception? innerException = null)
        : base($"{problem} {nextStep}", innerException)
    {
        Code = code;
        Problem = problem;
        NextStep = nextStep;
    }

    /// <summary>A stable snake_case name of the trouble, such as <c>disk_full</c>.</summary>
    public string Code { get; }

    /// <summary>What is wrong, in one sentence.</summary>
    public string Problem { get; }

    /// <summary>What the operator can do about it.</summary>
    public string NextStep { get; }
}
