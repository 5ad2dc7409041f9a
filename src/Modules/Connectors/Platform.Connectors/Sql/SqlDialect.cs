using System.Globalization;
using System.Text;

namespace Platform.Connectors.Sql;

/// <summary>
/// How one kind of source reads the text of a statement, as far as it must be known to find its end, its strings and its comments. Where
/// the scanner and the source would read differently, a statement could hide in what the scanner takes for a comment.
/// </summary>
internal sealed record SqlDialect
{
    /// <summary>PostgreSQL and DuckDB.</summary>
    public static readonly SqlDialect Standard = new()
    {
        Verbs = ["select", "with", "values", "table", "show", "explain", "from", "describe", "summarize", "pivot", "unpivot"],
        HasDollarQuotes = true,
        HasEscapeStrings = true,
        NestsComments = true,
    };

    /// <summary>MySQL and MariaDB, with the <c>sql_mode</c> that the session sets.</summary>
    public static readonly SqlDialect MySql = new()
    {
        Verbs = ["select", "with", "values", "table", "show", "explain", "describe", "desc"],
        NameQuotes = "`",
        HasHashComments = true,
        HasBackslashes = true,
        HasExecutableComments = true,
        // SELECT … INTO OUTFILE writes a file at the source, in a read-only transaction too.
        RefusedWords = ["into"],
        IsPositional = true,
    };

    /// <summary>SQLite.</summary>
    public static readonly SqlDialect Sqlite = new()
    {
        Verbs = ["select", "with", "values", "explain"],
        NameQuotes = "`[",
        NumberPrefix = '?',
    };

    /// <summary>What may stand first. All else could write, or act outside the transaction (COPY … TO PROGRAM, DO, CALL).</summary>
    public required IReadOnlyList<string> Verbs { get; init; }

    /// <summary>Words that may stand nowhere outside of strings, quoted names and comments.</summary>
    public IReadOnlyList<string> RefusedWords { get; init; } = [];

    /// <summary>What opens a quoted name, besides the double quote.</summary>
    public string NameQuotes { get; init; } = "";

    /// <summary><c>$$…$$</c> is a string.</summary>
    public bool HasDollarQuotes { get; init; }

    /// <summary><c>E'…'</c> knows the backslash, a plain string does not.</summary>
    public bool HasEscapeStrings { get; init; }

    /// <summary>Every string knows the backslash.</summary>
    public bool HasBackslashes { get; init; }

    /// <summary><c>#</c> begins a comment, and <c>--</c> does only before white space.</summary>
    public bool HasHashComments { get; init; }

    /// <summary><c>/*! … */</c> is run: refused, since nobody needs it to read.</summary>
    public bool HasExecutableComments { get; init; }

    /// <summary>A comment may stand in a comment.</summary>
    public bool NestsComments { get; init; }

    /// <summary>Placeholders are <c>?</c> without a number: a value is given once for each place.</summary>
    public bool IsPositional { get; init; }

    /// <summary>What stands before a placeholder's number.</summary>
    public char NumberPrefix { get; init; } = '$';

    /// <summary>Writes a placeholder as the source reads it.</summary>
    public void WritePlaceholder(StringBuilder text, int number)
    {
        if (IsPositional)
        {
            text.Append('?');
        }
        else
        {
            text.Append(NumberPrefix).Append(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
