using System.Text.Json;
using Platform.SharedKernel.Errors;

namespace Platform.Dashboards.Domain;

/// <summary>A board of widgets on a grid.</summary>
internal sealed class Dashboard
{
    public const int MaxNameLength = 120;
    public const int MaxDescriptionLength = 2000;
    public const int MaxWidgets = 100;

    private readonly List<Widget> _widgets = [];

    private Dashboard(
        Guid id, Guid userId, string name, string? description, JsonElement layout, JsonElement config, bool isPublic,
        DateTimeOffset createdAt, DateTimeOffset updatedAt) =>
        (Id, UserId, Name, Description, Layout, Config, IsPublic, CreatedAt, UpdatedAt) =
        (id, userId, name, description, layout, config, isPublic, createdAt, updatedAt);

    public Guid Id { get; private init; }

    public Guid UserId { get; private init; }

    public string Name { get; private set; }

    public string? Description { get; private set; }

    public JsonElement Layout { get; private set; }

    public JsonElement Config { get; private set; }

    public bool IsPublic { get; private set; }

    /// <summary>What it is filed under, in small letters.</summary>
    public string[] Tags { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public IReadOnlyList<Widget> Widgets => _widgets;

    public BoardDocument Document => new(
        Name, Description, Layout, Config, [.. Widgets.OrderBy(widget => (widget.PositionY, widget.PositionX)).Select(widget => widget.Document)]);

    public static Dashboard Create(
        Guid userId, string name, string? description, JsonElement layout, JsonElement config, bool isPublic, DateTimeOffset now) =>
        new(Guid.CreateVersion7(now), userId, name.Trim(), description, layout, config, isPublic, now, now);

    /// <summary>A board that is made of a document, with an id of its own.</summary>
    public static Dashboard From(Guid id, Guid userId, BoardDocument document, DateTimeOffset now)
    {
        var dashboard = new Dashboard(
            id, userId, document.Name.Trim(), document.Description, document.Layout, document.Config, isPublic: false, now, now);
        dashboard.Become(document, now);
        return dashboard;
    }

    /// <summary>Makes the board what a document says. Widgets of the same id stay the same widgets.</summary>
    /// <returns>The widgets that are new.</returns>
    public IReadOnlyList<Widget> Become(BoardDocument document, DateTimeOffset now)
    {
        RuleViolationException.ThrowIf(
            document.Widgets.Count > MaxWidgets, "too_many_widgets", $"A dashboard holds at most {MaxWidgets} widgets.");
        for (var index = 0; index < document.Widgets.Count; index++)
        {
            GridLayout.RequireFits(document.Widgets[index].Place, $"$.dashboard.widgets[{index}]");
        }

        GridLayout.RequireNoOverlap(document.Widgets.Select(widget => widget.Place));
        (Name, Description, Layout, Config, UpdatedAt) = (document.Name.Trim(), document.Description, document.Layout, document.Config, now);
        var wanted = document.Widgets.Select(widget => widget.Id).ToHashSet();
        _widgets.RemoveAll(widget => !wanted.Contains(widget.Id));
        var present = _widgets.ToDictionary(widget => widget.Id);
        var added = new List<Widget>();
        foreach (var item in document.Widgets)
        {
            if (present.TryGetValue(item.Id, out var widget))
            {
                widget.Change(item.Content, item.Place, now);
            }
            else
            {
                added.Add(Widget.Create(item.Id, UserId, item.Content, item.Place, now));
            }
        }

        _widgets.AddRange(added);
        return added;
    }

    public void Rename(string name, DateTimeOffset now) => (Name, UpdatedAt) = (name.Trim(), now);

    public void Describe(string? description, DateTimeOffset now) => (Description, UpdatedAt) = (description, now);

    public void Arrange(JsonElement layout, DateTimeOffset now) => (Layout, UpdatedAt) = (layout, now);

    public void Configure(JsonElement config, DateTimeOffset now) => (Config, UpdatedAt) = (config, now);

    public void SetPublic(bool isPublic, DateTimeOffset now) => (IsPublic, UpdatedAt) = (isPublic, now);

    /// <summary>Files it under some words: trimmed, in small letters, each once.</summary>
    public void Tag(IEnumerable<string> tags, DateTimeOffset now) => (Tags, UpdatedAt) = (BoardTags.Normalize(tags), now);

    /// <summary>Adds a widget at a free place, or below all others where none is given.</summary>
    public Widget AddWidget(WidgetContent content, GridSize size, GridPosition? position, DateTimeOffset now)
    {
        RuleViolationException.ThrowIf(
            _widgets.Count >= MaxWidgets, "too_many_widgets", $"A dashboard holds at most {MaxWidgets} widgets.");
        var places = _widgets.Select(existing => existing.Place).ToList();
        var place = GridPlace.At(position ?? GridLayout.Below(places), size);
        GridLayout.RequireFits(place, "$");
        GridLayout.RequireFree(place, places, "$");
        var widget = Widget.Create(UserId, content, place, now);
        _widgets.Add(widget);
        UpdatedAt = now;
        return widget;
    }

    /// <summary>Changes a widget.</summary>
    public void ChangeWidget(Widget widget, WidgetContent content, GridPlace place, DateTimeOffset now)
    {
        if (place != widget.Place)
        {
            GridLayout.RequireFits(place, "$");
            GridLayout.RequireFree(place, _widgets.Where(other => other != widget).Select(other => other.Place), "$");
        }

        widget.Change(content, place, now);
        UpdatedAt = now;
    }

    public void RemoveWidget(Widget widget, DateTimeOffset now)
    {
        _widgets.Remove(widget);
        UpdatedAt = now;
    }

    /// <summary>Moves all widgets at once: either the whole layout is valid, or none of it is taken.</summary>
    public void MoveWidgets(IReadOnlyList<(Guid WidgetId, GridPlace Place)> moves, DateTimeOffset now)
    {
        var widgets = _widgets.ToDictionary(widget => widget.Id);
        var places = widgets.Values.ToDictionary(widget => widget.Id, widget => widget.Place);
        var seen = new HashSet<Guid>();
        for (var index = 0; index < moves.Count; index++)
        {
            var (widgetId, place) = moves[index];
            var path = $"$[{index}]";
            RuleViolationException.ThrowIf(
                !widgets.ContainsKey(widgetId), "widget_not_on_dashboard", $"{path}.widget_id", "The dashboard has no such widget.");
            RuleViolationException.ThrowIf(!seen.Add(widgetId), "widget_listed_twice", $"{path}.widget_id", "The widget is listed twice.");
            GridLayout.RequireFits(place, path);
            places[widgetId] = place;
        }

        GridLayout.RequireNoOverlap(places.Values);
        foreach (var (widgetId, place) in places)
        {
            widgets[widgetId].Move(place, now);
        }

        UpdatedAt = now;
    }
}
