namespace Platform.Connectors.DuckDb.Files;

/// <summary>How cells are told apart.</summary>
/// <param name="Delimiter">What stands between them.</param>
/// <param name="Quote">What they may be enclosed in; zero if in nothing.</param>
/// <param name="Escape">What stands before a quote that is part of a cell; the quote itself where it is doubled.</param>
internal readonly record struct CsvDialect(byte Delimiter, byte Quote, byte Escape);

/// <summary>What a delimited file looks like.</summary>
/// <param name="Dialect">How cells are told apart.</param>
/// <param name="Width">How many columns it has, if no header says otherwise.</param>
/// <param name="SkipLines">The lines before the table.</param>
/// <param name="HasHeader">Whether the first row names the columns.</param>
/// <param name="DecimalComma">Whether fractions begin with a comma.</param>
internal sealed record CsvShape(CsvDialect Dialect, int Width, int SkipLines, bool HasHeader, bool DecimalComma);
