using System.Text;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Auth.OAuth;

/// <summary>
/// A URL with wildcards: <c>*</c> is any run of characters but the separators "." and "/", <c>**</c> any run at all, <c>?</c> one
/// character that is no separator, <c>[a-z]</c> and <c>[!a-z]</c> one of a class, <c>{a,b}</c> one of several, <c>\</c> takes the next
/// character as it is.
/// </summary>
internal sealed class UrlPattern(string pattern)
{
    private const string NoSeparator = "[^./]";

    private readonly Regex _regex = new(Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public bool IsMatch(string url) => _regex.IsMatch(url);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder(@"\A(?:");
        var depth = 0;
        for (var index = 0; index < pattern.Length; index++)
        {
            var letter = pattern[index];
            switch (letter)
            {
                case '*' when index + 1 < pattern.Length && pattern[index + 1] == '*':
                    regex.Append(".*");
                    index++;
                    break;
                case '*':
                    regex.Append(NoSeparator).Append('*');
                    break;
                case '?':
                    regex.Append(NoSeparator);
                    break;
                case '[' when pattern.IndexOf(']', index) is > 0 and var end:
                    regex.Append(Class(pattern[(index + 1)..end]));
                    index = end;
                    break;
                case '{':
                    depth++;
                    regex.Append("(?:");
                    break;
                case '}' when depth > 0:
                    depth--;
                    regex.Append(')');
                    break;
                case ',' when depth > 0:
                    regex.Append('|');
                    break;
                case '\\' when index + 1 < pattern.Length:
                    regex.Append(Regex.Escape(pattern[++index].ToString()));
                    break;
                default:
                    regex.Append(Regex.Escape(letter.ToString()));
                    break;
            }
        }

        return regex.Append(')', depth).Append(@")\z").ToString();
    }

    private static string Class(string letters)
    {
        var negated = letters.StartsWith('!');
        var body = (negated ? letters[1..] : letters).Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal)
            .Replace("^", @"\^", StringComparison.Ordinal);
        return body.Length == 0 ? "(?!)" : $"[{(negated ? "^" : "")}{body}]";
    }
}
