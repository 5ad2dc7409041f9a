namespace Platform.LocalSupabase.Auth.Flows;

/// <summary>The authentication methods of flows that go through a mail.</summary>
internal static class FlowMethods
{
    public const string SignUp = "email/signup";
    public const string Invite = "invite";
    public const string Recovery = "recovery";
    public const string MagicLink = "magiclink";
    public const string EmailChange = "email_change";

    public static string ProviderOf(string method) => method == SignUp ? "email" : method;
}
