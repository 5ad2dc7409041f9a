namespace Platform.Identity.Features.Admin;

/// <summary>Why staff do something to an account; the person reads it in their log.</summary>
internal sealed record ReasonBody(string? Reason = null)
{
    public const int MaxLength = 1000;
}
