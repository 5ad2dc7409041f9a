using System.Globalization;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>What the owner of a file is told: how it was understood, and what does not lie in the table as it lay in the file.</summary>
internal sealed class FileNotes
{
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, (long Count, long First)> _counts = new(StringComparer.Ordinal);

    /// <summary>How the file was understood, as a sentence.</summary>
    public string Summary { get; set; } = "";

    public void Add(string note) => _notes.Add(note);

    /// <summary>Counts a row that something has happened to.</summary>
    /// <param name="happening">Follows the number of rows in the note.</param>
    /// <param name="line">Where it lies.</param>
    public void Count(string happening, long line)
    {
        var (count, first) = _counts.GetValueOrDefault(happening, (0, line));
        _counts[happening] = (count + 1, first);
    }

    /// <param name="place">What is numbered: <c>line</c> or <c>row</c>.</param>
    public IReadOnlyList<string> ToList(string place) =>
    [
        .. _notes,
        .. _counts.Select(count => string.Create(
            CultureInfo.InvariantCulture,
            $"{count.Value.Count} {(count.Value.Count == 1 ? "row" : "rows")} {count.Key}; the first is {place} {count.Value.First}.")),
    ];
}
