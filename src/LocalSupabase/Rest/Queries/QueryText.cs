using System.Text;

namespace Platform.LocalSupabase.Rest.Queries;

/// <summary>Reads the small languages of query parameters, character by character, and says where one ends.</summary>
internal sealed class QueryText(string parameter, string text)
{
    private const int DeepestNesting = 10;

    private int _at;
    private int _depth;

    public bool AtEnd => _at == text.Length;

    public char Next => AtEnd ? '\0' : text[_at];

    public bool Take(string token)
    {
        if (!At(token))
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    public bool At(string token) => string.CompareOrdinal(text, _at, token, 0, token.Length) == 0;

    public char Take1() => text[_at++];

    public void Expect(string token)
    {
        if (!Take(token))
        {
            throw Fail($"expected \"{token}\"");
        }
    }

    /// <summary>Nesting is bounded, so that no request can exhaust the stack.</summary>
    public void Enter()
    {
        if (++_depth > DeepestNesting)
        {
            throw Fail("it is nested too deeply");
        }
    }

    public void Leave() => _depth--;

    /// <summary>A name or value: in double quotes with backslashes, or bare up to one of the stops.</summary>
    public string Word(string stops)
    {
        if (Next == '"')
        {
            return Quoted();
        }

        var start = _at;
        while (!AtEnd && !stops.Contains(Next, StringComparison.Ordinal))
        {
            _at++;
        }

        return text[start.._at];
    }

    /// <summary>A name that may not be empty.</summary>
    public string Name(string stops) => Word(stops) is { Length: > 0 } name ? name : throw Fail("a name is missing");

    /// <summary>A value in braces or brackets, up to its own end.</summary>
    public string Balanced()
    {
        var (start, open, quoted) = (_at, 0, false);
        do
        {
            if (AtEnd)
            {
                throw Fail("a bracket is not closed");
            }

            quoted ^= Next == '"';
            open += quoted ? 0 : Next is '{' or '[' ? 1 : Next is '}' or ']' ? -1 : 0;
            _at++;
        }
        while (open > 0);
        return text[start.._at];
    }

    public string Rest()
    {
        var rest = text[_at..];
        _at = text.Length;
        return rest;
    }

    public RestException Fail(string why) => RestException.Unparsable($"{parameter} parameter ({text})", $"at character {_at + 1}: {why}");

    private string Quoted()
    {
        var word = new StringBuilder();
        for (_at++; Next != '"'; _at++)
        {
            if (Next == '\\')
            {
                _at++;
            }

            if (AtEnd)
            {
                throw Fail("a quote is not closed");
            }

            word.Append(Next);
        }

        _at++;
        return word.ToString();
    }
}
