using System.Text.Json;
using Platform.Connectors.Types;

namespace Platform.Connectors.Sql;

/// <summary>
/// One statement that reads, with its placeholders in the source's form (<c>$1</c>, <c>?1</c>, <c>?</c>), in the order of
/// <see cref="Values"/>.
/// Placeholders are written <c>:name</c>, <c>@name</c>, <c>{{name}}</c> or <c>$1</c>; a value is always bound and never becomes text of the
/// statement. What stands in a string, a quoted name or a comment is no placeholder.
/// </summary>
internal sealed class SqlStatement
{
    public const int MaxLength = 100_000;

    private SqlStatement(string text, string verb, IReadOnlyList<JsonElement> values) => (Text, Verb, Values) = (text, verb, values);

    /// <summary>The statement with numbered placeholders, without a closing semicolon.</summary>
    public string Text { get; }

    /// <summary>The first word, in lower case.</summary>
    public string Verb { get; }

    public IReadOnlyList<JsonElement> Values { get; }

    /// <summary>Reads a statement, or throws a <see cref="SourceException"/> that says what is wrong with it.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="parameters">
    /// An object (by name), an array (by number, from 1), or undefined. Those that are not used are ignored.
    /// </param>
    /// <param name="dialect">How the source reads; <see cref="SqlDialect.Standard"/> if left out.</param>
    public static SqlStatement Parse(string sql, JsonElement parameters, SqlDialect? dialect = null)
    {
        dialect ??= SqlDialect.Standard;
        if (sql.Length > MaxLength)
        {
            throw Invalid($"A query has at most {MaxLength} characters.");
        }

        if (sql.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid("A query holds no NUL character.");
        }

        var scanner = new SqlScanner(sql, new ParameterNumbers(parameters), dialect);
        var text = scanner.Scan();
        if (scanner.FirstWord.Length == 0)
        {
            throw Invalid("The query is empty.");
        }

        if (!dialect.Verbs.Contains(scanner.FirstWord, StringComparer.OrdinalIgnoreCase))
        {
            throw Invalid($"A query reads: it cannot begin with {scanner.FirstWord.ToUpperInvariant()}.");
        }

#pragma warning disable CA1308 // Keywords of SQL are compared and shown in lower case here.
        return new SqlStatement(text, scanner.FirstWord.ToLowerInvariant(), scanner.Values);
#pragma warning restore CA1308
    }

    internal static SourceException Invalid(string message) => new(SourceFailure.QueryInvalid, message);
}

/// <summary>Gives each parameter that is used its number.</summary>
internal sealed class ParameterNumbers(JsonElement parameters)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<JsonElement> _values = [];

    public IReadOnlyList<JsonElement> Values => _values;

    /// <param name="name">The placeholder's name.</param>
    /// <param name="isRepeated">Whether a value that is used twice is given twice.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGet(string name, bool isRepeated, out int number)
    {
        if (_numbers.TryGetValue(name, out number) && !isRepeated)
        {
            return true;
        }

        if (!TryFind(name, out var value))
        {
            return false;
        }

        _values.Add(value);
        number = _values.Count;
        _numbers[name] = number;
        return true;
    }

    private bool TryFind(string name, out JsonElement value)
    {
        value = default;
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            return parameters.TryGetProperty(name, out value);
        }

        if (parameters.ValueKind != JsonValueKind.Array
            || !int.TryParse(name, out var position) || position < 1 || position > parameters.GetArrayLength())
        {
            return false;
        }

        value = parameters[position - 1];
        return true;
    }
}
