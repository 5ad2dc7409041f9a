using System.Globalization;

namespace Platform.Dashboards.Exports;

/// <summary>
/// Names of sheets as spreadsheets take them: 1 to 31 characters, none of []:*?/\, no apostrophe at an end, and no name twice.
/// </summary>
internal sealed class SheetNames
{
    private const int MaxLength = 31;
    private const string Reserved = "History";
    private readonly HashSet<string> _taken = new([Reserved], StringComparer.OrdinalIgnoreCase);

    /// <summary>The name that is nearest to a title and not yet taken.</summary>
    public string Take(string title)
    {
        var kept = new string([.. title.Select(c => "[]:*?/\\".Contains(c, StringComparison.Ordinal) || char.IsControl(c) ? ' ' : c)]);
        var name = Cut(kept.Trim(' ', '\''), MaxLength);
        name = name.Length == 0 ? "Sheet" : name;
        for (var number = 2; !_taken.Add(name); number++)
        {
            var suffix = $" ({number.ToString(CultureInfo.InvariantCulture)})";
            var stem = Cut(kept.Trim(' ', '\''), MaxLength - suffix.Length);
            name = (stem.Length == 0 ? "Sheet" : stem) + suffix;
        }

        return name;
    }

    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Half of a character is none.
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)].TrimEnd(' ', '\'');
    }
}
