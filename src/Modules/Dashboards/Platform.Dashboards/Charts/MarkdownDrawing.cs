using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using SkiaSharp;

namespace Platform.Dashboards.Charts;

/// <summary>Words, in Markdown: headings, paragraphs, lists, quotes and code. HTML and images are left out. Config: <c>text</c>.</summary>
internal sealed class MarkdownDrawing : IWidgetDrawing
{
    private const float BodySize = 13;
    private const float Indent = 18;

    private readonly record struct Line(string Text, float Size, bool IsBold, float Indent, string Bullet);

    public void Draw(SKCanvas canvas, SKRect area, WidgetPicture widget, ChartTheme theme)
    {
        var y = area.Top;
        foreach (var (text, size, isBold, indent, bullet) in LinesOf(Markdown.Parse(widget.TextOf("text") ?? ""), 0))
        {
            var pen = new TextPen(size, theme.Text, isBold);
            var fitting = (int)((area.Bottom - y) / pen.LineHeight);
            if (fitting < 1)
            {
                return;
            }

            var lines = pen.Wrap(text, area.Width - indent, fitting);
            if (bullet.Length > 0)
            {
                pen.Write(canvas, bullet, area.Left + indent - 6, y + size, TextSide.Right);
            }

            foreach (var line in lines)
            {
                pen.Write(canvas, line, area.Left + indent, y + size);
                y += pen.LineHeight;
            }

            y += size * 0.35f;
        }
    }

    private static IEnumerable<Line> LinesOf(ContainerBlock container, float indent)
    {
        foreach (var block in container)
        {
            switch (block)
            {
                case HeadingBlock heading:
                    yield return new Line(TextOf(heading.Inline), heading.Level switch { 1 => 20, 2 => 17, _ => 14.5f }, true, indent, "");
                    break;
                case ParagraphBlock paragraph:
                    yield return new Line(TextOf(paragraph.Inline), BodySize, false, indent, "");
                    break;
                case CodeBlock code:
                    yield return new Line(code.Lines.ToString(), BodySize, false, indent + Indent, "");
                    break;
                case ListBlock list:
                    foreach (var line in ItemsOf(list, indent + Indent))
                    {
                        yield return line;
                    }

                    break;
                case ContainerBlock inner:
                    foreach (var line in LinesOf(inner, indent + Indent))
                    {
                        yield return line;
                    }

                    break;
            }
        }
    }

    private static IEnumerable<Line> ItemsOf(ListBlock list, float indent)
    {
        var number = list.IsOrdered && int.TryParse(list.OrderedStart, out var start) ? start : 1;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            var bullet = list.IsOrdered ? $"{number++}." : "•";
            foreach (var line in LinesOf(item, indent))
            {
                yield return line with { Bullet = line.Bullet.Length > 0 ? line.Bullet : bullet };
                bullet = "";
            }
        }
    }

    private static string TextOf(ContainerInline? inlines) => string.Concat((inlines ?? []).Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline { IsHard: true } => "\n",
        LineBreakInline => " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        LinkInline { IsImage: true } => "",
        ContainerInline container => TextOf(container),
        _ => "",
    }));
}
