namespace Platform.LocalSupabase.Rest;

/// <summary>An answer before it is sent.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Json">The body; null for none.</param>
/// <param name="ContentRange">Which rows of how many.</param>
internal sealed record RestAnswer(int Status, string? Json, string? ContentRange = null);
