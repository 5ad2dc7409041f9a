namespace Platform.Workflows.Engine;

/// <summary>The topic of an execution's events.</summary>
internal static class ExecutionTopic
{
    public static string Of(Guid executionId) => $"execution:{executionId}";
}
