namespace Platform.Identity.Authentication;

/// <summary>
/// Operations that read although their method is POST, because what is asked for does not fit a URL. Whoever may only read may call them;
/// that they cannot write is held by their transaction, as for every reader.
/// </summary>
internal static class ReadingOperations
{
    /// <summary>By the operation's id in OpenAPI.</summary>
    public static readonly string[] Names =
        ["QueryConnector", "RunFederatedQuery", "GetWidgetData", "GetDashboardData", "ValidateWorkflow"];
}
