using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Mail;

/// <summary>The inbox as a page. Mails are shown as plain text: nothing that somebody put into one runs or loads here.</summary>
internal static partial class InboxPage
{
    private const string Head =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>Inbox</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
        article { border: 1px solid #ccc; border-radius: 6px; margin: 1rem 0; padding: 0 1rem 1rem }
        h2 { font-size: 1.1rem; margin: 1rem 0 0 }
        p { color: #595959; margin: 0 }
        pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere }
        </style>
        </head>
        <body>
        <main>
        <h1>Inbox</h1>
        <p>No mail server is configured, so mails stay here. Set Auth:Smtp:Host to send them.</p>

        """;

    public static string Write(IReadOnlyList<Letter> letters, ILookup<Guid, LetterFileName> files)
    {
        var page = new StringBuilder(Head);
        foreach (var letter in letters)
        {
            page.Append("<article>\n<h2>").Append(WebUtility.HtmlEncode(letter.Subject)).Append("</h2>\n<p>To ")
                .Append(WebUtility.HtmlEncode(letter.Recipient)).Append(", ")
                .Append(letter.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss")).Append(" UTC</p>\n<pre>")
                .Append(Linked(letter.Text)).Append("</pre>\n");
            foreach (var (position, file) in files[letter.Id].Index())
            {
                page.Append("<p><a href=\"/inbox/").Append(letter.Id).Append("/attachments/").Append(position).Append("\">")
                    .Append(WebUtility.HtmlEncode(file.Name)).Append("</a></p>\n");
            }

            page.Append("</article>\n");
        }

        if (letters.Count == 0)
        {
            page.Append("<p>There is no mail.</p>\n");
        }

        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static string Linked(string text)
    {
        var html = new StringBuilder();
        var position = 0;
        foreach (Match match in Url().Matches(text))
        {
            var url = WebUtility.HtmlEncode(match.Value);
            html.Append(WebUtility.HtmlEncode(text[position..match.Index])).Append($"<a href=\"{url}\" rel=\"noreferrer\">{url}</a>");
            position = match.Index + match.Length;
        }

        return html.Append(WebUtility.HtmlEncode(text[position..])).ToString();
    }

    [GeneratedRegex("""https?://[^\s<>"']+""", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Url();
}
