#include "updates/facetbar.h"

#include "widgets/basics.h"

#include <QButtonGroup>
#include <QHBoxLayout>

namespace ovvoc {

namespace {

using Facet = PendingFilter::Facet;
constexpr Facet facets[] = {Facet::All, Facet::Security, Facet::Patch, Facet::Minor, Facet::Major};

QString nameOf(Facet facet)
{
    switch (facet) {
    case Facet::All:
        return FacetBar::tr("All");
    case Facet::Security:
        return FacetBar::tr("Security");
    case Facet::Patch:
        return FacetBar::tr("Patch");
    case Facet::Minor:
        return FacetBar::tr("Minor");
    case Facet::Major:
        return FacetBar::tr("Major");
    }
    return {};
}

} // namespace

FacetBar::FacetBar(PendingFilter *filter, QWidget *parent)
    : QWidget(parent)
    , m_filter(filter)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    auto *group = new QButtonGroup(this);
    for (const Facet facet : facets) {
        QPushButton *one = chip(nameOf(facet));
        one->setChecked(facet == Facet::All);
        group->addButton(one);
        m_chips << one;
        row->addWidget(one);
        connect(one, &QPushButton::clicked, this, [this, facet] { m_filter->setFacet(facet); });
    }
    refresh();
}

void FacetBar::refresh()
{
    for (qsizetype i = 0; i < m_chips.size(); ++i) {
        const int count = facets[i] == Facet::All ? 0 : m_filter->count(facets[i]);
        m_chips[i]->setText(count > 0 ? QStringLiteral("%1 %2").arg(nameOf(facets[i])).arg(count)
                                      : nameOf(facets[i]));
    }
}

} // namespace ovvoc
