namespace Platform.Dashboards.Delivery;

/// <summary>Texts as mails take them.</summary>
internal static class MailText
{
    private const int MaxSubject = 200;

    /// <summary>A subject: one line, and not too long.</summary>
    public static string OneLine(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
        return line.Length <= MaxSubject ? line : string.Concat(line.AsSpan(0, MaxSubject - 1), "…");
    }
}
