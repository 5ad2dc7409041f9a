namespace Platform.LocalSupabase.Functions;

/// <summary>A file of <c>NAME=value</c> lines, as <c>supabase/functions/.env</c> is: comments, <c>export</c>, quotes.</summary>
internal static class EnvFile
{
    /// <summary>The variables; none when there is no file. A line that is none of these is passed over.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return variables;
        }

        foreach (var line in File.ReadLines(path).Select(line => line.Trim()))
        {
            var text = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..].TrimStart() : line;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && !text.StartsWith('#') && IsName(text[..equals].TrimEnd()))
            {
                variables[text[..equals].TrimEnd()] = Unquote(text[(equals + 1)..].Trim());
            }
        }

        return variables;
    }

    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private static string Unquote(string value)
    {
        if (value is ['"' or '\'', ..] && value.IndexOf(value[0], 1) is > 0 and var end)
        {
            var inner = value[1..end];
            return value[0] == '"' ? inner.Replace("\\n", "\n", StringComparison.Ordinal) : inner;
        }

        var comment = value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
