namespace Platform.Dashboards.Domain;

/// <summary>The words that a board is filed under.</summary>
internal static class BoardTags
{
    public const int MaxTags = 20;
    public const int MaxLength = 40;

    /// <summary>A tag as it is stored and looked for.</summary>
    public static string Normalize(string tag) => tag.Trim().ToLowerInvariant();

    /// <summary>Tags as they are stored: each once, in the order given.</summary>
    public static string[] Normalize(IEnumerable<string> tags) => [.. tags.Select(Normalize).Distinct()];
}
