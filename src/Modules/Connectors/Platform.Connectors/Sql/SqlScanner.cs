using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Platform.Connectors.Sql;

/// <summary>
/// Walks over a statement once: copies strings, quoted names and comments as they are, numbers the placeholders, and stops at a second
/// statement. It is no parser: the source's own parser decides what is right.
/// </summary>
internal sealed class SqlScanner(string sql, ParameterNumbers parameters, SqlDialect dialect)
{
    private readonly StringBuilder _text = new(sql.Length + 16);
    private int _at;
    private bool _isAfterEscapeString;

    public string FirstWord { get; private set; } = "";

    public IReadOnlyList<JsonElement> Values => parameters.Values;

    public string Scan()
    {
        while (_at < sql.Length)
        {
            if (TryCopySpace() || TryCopyComment())
            {
                continue;
            }

            RefuseContinuation();
            if (TryCopyQuoted() || TryNumberPlaceholder() || TryCopyWord())
            {
                continue;
            }

            if (sql[_at] == ';')
            {
                var statement = _text.ToString();
                _at++;
                RefuseMore();
                return statement.Trim();
            }

            _text.Append(sql[_at++]);
        }

        return _text.ToString().Trim();
    }

    private char Peek(int offset = 0) => _at + offset < sql.Length ? sql[_at + offset] : '\0';

    // To every source what lies beyond ASCII is part of a name.
    private static bool IsWordStart(char character) =>
        char.IsAsciiLetter(character) || character == '_' || (character >= '\x80' && !IsSpaceBeyondAscii(character));

    private static bool IsWordPart(char character) => IsWordStart(character) || char.IsAsciiDigit(character);

    private static bool IsNamePart(char character) => IsWordPart(character) || character == '$';

    private static bool IsSpaceBeyondAscii(char character) => character >= '\x80'
        && (char.IsWhiteSpace(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.Control);

    /// <summary>
    /// White space, as a plain space where it is none of ASCII's: some sources take that for a space and others for a part of a name.
    /// </summary>
    private bool TryCopySpace()
    {
        var character = sql[_at];
        if (character < '\x80')
        {
            if (char.IsControl(character) && !char.IsWhiteSpace(character))
            {
                throw SqlStatement.Invalid("A query holds no control characters outside of its strings.");
            }

            if (!char.IsWhiteSpace(character))
            {
                return false;
            }

            _text.Append(character);
        }
        else if (IsSpaceBeyondAscii(character))
        {
            _text.Append(' ');
        }
        else
        {
            return false;
        }

        _at++;
        return true;
    }

    // 'b' in E'a' ↵ 'b' would know the backslash too, and nobody writes so.
    private void RefuseContinuation()
    {
        if (_isAfterEscapeString && Peek() == '\'')
        {
            throw SqlStatement.Invalid("A string with escapes cannot go on in a second pair of quotes.");
        }

        _isAfterEscapeString = false;
    }

    private bool TryCopyQuoted()
    {
        switch (Peek())
        {
            case '\'':
                _isAfterEscapeString = dialect.HasEscapeStrings && IsEscapeString();
                CopyTo(EndOfQuoted('\'', dialect.HasBackslashes || _isAfterEscapeString));
                return true;
            case '"' when dialect.HasBackslashes:
                CopyTo(EndOfQuoted('"', escapes: true));
                return true;
            case '"':
                RefuseUnicodeName();
                CopyName(EndOfQuoted('"', escapes: false));
                return true;
            case '`' or '[' when dialect.NameQuotes.Contains(Peek(), StringComparison.Ordinal):
                CopyName(Peek() == '`' ? EndOfQuoted('`', escapes: false) : EndOfBracket());
                return true;
            case '$' when dialect.HasDollarQuotes && DollarTag() is { } tag:
                var end = sql.IndexOf(tag, _at + tag.Length, StringComparison.Ordinal);
                CopyTo(end < 0 ? throw SqlStatement.Invalid("A string is not closed.") : end + tag.Length);
                return true;
            default:
                return false;
        }
    }

    private void RefuseUnicodeName()
    {
        if (dialect.HasUnicodeNames && _at > 1 && sql[_at - 1] == '&' && (sql[_at - 2] | 0x20) == 'u')
        {
            throw SqlStatement.Invalid("A name with Unicode escapes, U&\"…\", is not allowed.");
        }
    }

    private void CopyName(int end)
    {
        Refuse(sql[(_at + 1)..(end - 1)]);
        CopyTo(end);
    }

    private void Refuse(string name)
    {
        if (dialect.Refuses(name))
        {
            throw SqlStatement.Invalid($"A query reads tables: it cannot use {name}.");
        }
    }

    private bool IsEscapeString() => _at > 0 && (sql[_at - 1] | 0x20) == 'e' && (_at < 2 || !IsNamePart(sql[_at - 2]));

    private int EndOfBracket()
    {
        var end = sql.IndexOf(']', _at);
        return end < 0 ? throw SqlStatement.Invalid("A quoted name is not closed.") : end + 1;
    }

    private int EndOfQuoted(char quote, bool escapes)
    {
        for (var index = _at + 1; index < sql.Length; index++)
        {
            if (escapes && sql[index] == '\\')
            {
                index++;
            }
            else if (sql[index] == quote)
            {
                if (index + 1 >= sql.Length || sql[index + 1] != quote)
                {
                    return index + 1;
                }

                index++;
            }
        }

        throw SqlStatement.Invalid("A string or quoted name is not closed.");
    }

    /// <summary><c>$$</c> or <c>$tag$</c> at this place; a <c>$</c> behind a number begins nothing.</summary>
    private string? DollarTag()
    {
        if (_at > 0 && IsWordPart(sql[_at - 1]))
        {
            return null;
        }

        var end = _at + 1;
        while (end < sql.Length && IsWordPart(sql[end]) && !(end == _at + 1 && char.IsDigit(sql[end])))
        {
            end++;
        }

        return end < sql.Length && sql[end] == '$' ? sql[_at..(end + 1)] : null;
    }

    private bool TryCopyComment()
    {
        if (IsLineComment())
        {
            var end = sql.IndexOf('\n', _at);
            end = end < 0 ? sql.Length : end + 1;
            // To some sources a return ends the comment too.
            if (sql.AsSpan(_at, end - _at).TrimEnd("\r\n").Contains('\r'))
            {
                throw SqlStatement.Invalid("A line comment ends with a line feed.");
            }

            CopyTo(end);
            return true;
        }

        if (Peek() != '/' || Peek(1) != '*')
        {
            return false;
        }

        if (dialect.HasExecutableComments && (Peek(2) == '!' || (Peek(2) is 'M' or 'm' && Peek(3) == '!')))
        {
            throw SqlStatement.Invalid("A comment that is run, /*! … */, is not allowed.");
        }

        var depth = 0;
        for (var index = _at; index + 1 < sql.Length; index++)
        {
            if (sql[index] == '/' && sql[index + 1] == '*' && (depth == 0 || dialect.NestsComments))
            {
                depth++;
                index++;
            }
            else if (sql[index] == '*' && sql[index + 1] == '/')
            {
                index++;
                if (--depth == 0)
                {
                    CopyTo(index + 1);
                    return true;
                }
            }
        }

        throw SqlStatement.Invalid("A comment is not closed.");
    }

    private bool IsLineComment() => dialect.HasHashComments
        ? Peek() == '#' || (Peek() == '-' && Peek(1) == '-' && (_at + 2 >= sql.Length || Peek(2) <= ' '))
        : Peek() == '-' && Peek(1) == '-';

    private bool TryNumberPlaceholder()
    {
        switch (Peek())
        {
            case '{' when Peek(1) == '{':
                var close = sql.IndexOf("}}", _at, StringComparison.Ordinal);
                var name = close < 0 ? "" : sql[(_at + 2)..close].Trim();
                if (name.Length == 0 || !name.All(IsWordPart))
                {
                    return false;
                }

                Number(name, close + 2 - _at, required: true);
                return true;
            case ':' when Peek(1) == ':':
                CopyTo(_at + 2);
                return true;
            case ':' or '@' when IsWordStart(Peek(1)):
                return Number(WordAt(_at + 1), 1 + WordAt(_at + 1).Length, required: false);
            case '$' when IsWordPart(Peek(1)) && (_at == 0 || !IsNamePart(sql[_at - 1])):
                var word = WordAt(_at + 1);
                return Number(word, 1 + word.Length, required: char.IsDigit(word[0]));
            default:
                return false;
        }
    }

    private bool Number(string name, int length, bool required)
    {
        if (parameters.TryGet(name, isRepeated: dialect.IsPositional, out var number))
        {
            dialect.WritePlaceholder(_text, number);
            _at += length;
            return true;
        }

        return required ? throw SqlStatement.Invalid($"The parameter {name} has no value.") : false;
    }

    private string WordAt(int start)
    {
        var end = start;
        while (end < sql.Length && IsWordPart(sql[end]))
        {
            end++;
        }

        return sql[start..end];
    }

    private bool TryCopyWord()
    {
        if (!IsWordStart(Peek()))
        {
            return false;
        }

        // A dollar sign goes on with a name, and begins no string there.
        var end = _at;
        while (end < sql.Length && IsNamePart(sql[end]))
        {
            end++;
        }

        var word = sql[_at..end];
        if (FirstWord.Length == 0)
        {
            FirstWord = word;
        }

        RefuseWord(word);
        Refuse(word);
        CopyTo(_at + word.Length);
        return true;
    }

    private void RefuseWord(string word)
    {
        // MySQL reads 1e1into and \Ninto as a value and a word.
        var isGlued = _at > 0 && (char.IsAsciiDigit(sql[_at - 1]) || sql[_at - 1] is '.' or '\\');
        foreach (var refused in dialect.RefusedWords)
        {
            if (word.EndsWith(refused, StringComparison.OrdinalIgnoreCase) && (isGlued || word.Length == refused.Length))
            {
                throw SqlStatement.Invalid($"A query reads: it cannot hold {refused.ToUpperInvariant()}.");
            }
        }

        if (FirstWord.Equals("explain", StringComparison.OrdinalIgnoreCase)
            && dialect.RefusedInExplain.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            throw SqlStatement.Invalid("Only a statement that reads can be explained.");
        }
    }

    private void RefuseMore()
    {
        while (_at < sql.Length)
        {
            if (TryCopyComment())
            {
                continue;
            }

            if (!char.IsWhiteSpace(sql[_at]) && sql[_at] != ';')
            {
                throw SqlStatement.Invalid("A query is one statement.");
            }

            _at++;
        }
    }

    private void CopyTo(int end)
    {
        _text.Append(sql, _at, end - _at);
        _at = end;
    }
}
