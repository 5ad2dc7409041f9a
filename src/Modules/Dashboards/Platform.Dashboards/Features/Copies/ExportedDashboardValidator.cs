using FluentValidation;
using Platform.Dashboards.Domain;
using Platform.Dashboards.Features.Widgets;
using Platform.Dashboards.Widgets;

namespace Platform.Dashboards.Features.Copies;

internal sealed class ExportedDashboardValidator : AbstractValidator<ExportedDashboard>
{
    public ExportedDashboardValidator(WidgetTypes types)
    {
        RuleFor(file => file.Format).Equal(ExportedDashboard.KnownFormat).OverridePropertyName("Format");
        RuleFor(file => file.FormatVersion).Equal(ExportedDashboard.KnownVersion).OverridePropertyName("FormatVersion");
        RuleFor(file => file.Dashboard).SetValidator(new ExportedBoardValidator(types)).OverridePropertyName("Dashboard");
    }
}

internal sealed class ExportedBoardValidator : AbstractValidator<ExportedBoard>
{
    public ExportedBoardValidator(WidgetTypes types)
    {
        RuleFor(board => board.Id).NotEmpty();
        RuleFor(board => board.Name).NotEmpty().MaximumLength(Dashboard.MaxNameLength);
        RuleFor(board => board.Description).MaximumLength(Dashboard.MaxDescriptionLength);
        RuleFor(board => board.Layout).Document();
        RuleFor(board => board.Config).Document();
        RuleFor(board => board.Config).DashboardConfig();
        RuleFor(board => board.Widgets).Must(widgets => widgets.Count <= Dashboard.MaxWidgets)
            .WithMessage($"A dashboard holds at most {Dashboard.MaxWidgets} widgets.")
            .Must(widgets => widgets.DistinctBy(widget => widget.Id).Count() == widgets.Count).WithMessage("Two widgets have the same id.");
        RuleForEach(board => board.Widgets).SetValidator(new ExportedWidgetValidator(types));
    }
}

internal sealed class ExportedWidgetValidator : AbstractValidator<ExportedWidget>
{
    public ExportedWidgetValidator(WidgetTypes types)
    {
        RuleFor(widget => widget.Id).NotEmpty();
        RuleFor(widget => widget.Config).Document();
        RuleFor(widget => widget.DataQuery).SetValidator(new DataQueryValidator()!);
        RuleFor(widget => widget).Custom((widget, context) =>
            WidgetContentRules.Apply(context, types, widget.Type, widget.Config, widget.DataQuery is not null));
    }
}
